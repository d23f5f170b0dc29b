job "restart" {
  datacenters = ["nowhere"]
  group "g" {
    restart {
      attempts = 9
      mode     = "delay"
      interval = "10m"
      delay    = "3s"
    }
    task "same" {
      driver = "raw_exec"
      config { command = "/bin/true" }
    }
    task "usual" {
      driver = "raw_exec"
      config { command = "/bin/true" }
      restart {
        attempts = 2
        mode     = "fail"
        interval = "30m"
        delay    = "15s"
      }
    }
  }
}
