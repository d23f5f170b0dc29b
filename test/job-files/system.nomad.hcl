job "system" {
  datacenters = ["nowhere"]
  type        = "system"
  update {
    max_parallel = 1
    stagger      = "10s"
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
