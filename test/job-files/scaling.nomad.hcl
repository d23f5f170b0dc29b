job "scaling" {
  datacenters = ["nowhere"]
  group "g" {
    count = 2
    scaling {
      enabled = true
      min     = 1
      max     = 9
      policy {
        cooldown = "2m"
        check "cpu" {
          source = "prometheus"
          query  = "avg(x)"
          strategy "target-value" {
            target = 70
          }
        }
      }
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      scaling "cpu" {
        enabled = true
        min     = 50
        max     = 500
        policy {
          evaluation_interval = "24h"
        }
      }
      scaling "mem" {
        enabled = false
        min     = 64
        max     = 256
        policy {
        }
      }
    }
  }
}
