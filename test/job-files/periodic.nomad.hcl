job "periodic" {
  datacenters = ["nowhere"]
  type        = "batch"
  periodic {
    crons            = ["0 3 * * *", "0 4 * * 1"]
    prohibit_overlap = true
    time_zone        = "Europe/Berlin"
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
    }
  }
}
