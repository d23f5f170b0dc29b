job "periodic-disabled" {
  datacenters = ["nowhere"]
  type        = "batch"
  periodic {
    cron    = "@daily"
    enabled = false
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
