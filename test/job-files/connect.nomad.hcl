job "connect" {
  datacenters = ["nowhere"]
  group "g" {
    network {
      mode = "bridge"
    }
    service {
      name = "count-api"
      port = "9001"
      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "db"
              local_bind_port  = 5000
            }
            config {
              protocol = "http"
            }
          }
        }
        sidecar_task {
          resources {
            cpu    = 300
            memory = 256
          }
        }
      }
      meta {
        a = "1"
      }
      canary_tags = ["c"]
    }
    task "t" {
      driver = "docker"
      config {
        image = "x"
      }
    }
  }
}
