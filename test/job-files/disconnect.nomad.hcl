job "disconnect" {
  datacenters = ["nowhere"]
  ui {
    description = "A job"
    link {
      label = "Docs"
      url   = "https://x"
    }
  }
  group "g" {
    disconnect {
      lost_after = "6h"
      replace    = false
      reconcile  = "keep_original"
    }
    shutdown_delay = "4s"
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
    }
  }
}
