job "gateway" {
  datacenters = ["nowhere"]
  group "g" {
    network {
      mode = "bridge"
      port "in" {
        static = 8080
        to     = 8080
      }
    }
    service {
      name = "gw"
      port = "8080"
      connect {
        gateway {
          proxy {
            connect_timeout = "500ms"
          }
          ingress {
            listener {
              port     = 8080
              protocol = "tcp"
              service {
                name = "uuid-api"
              }
            }
          }
        }
      }
    }
  }
}
