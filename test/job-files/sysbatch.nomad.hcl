job "sysbatch" {
  datacenters = ["nowhere"]
  type        = "sysbatch"
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
    }
  }
}
