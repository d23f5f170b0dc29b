job "batch-count-zero" {
  datacenters = ["nowhere"]
  type        = "batch"
  group "g" {
    count = 0
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
    }
  }
}
