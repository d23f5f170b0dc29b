job "consul" {
  datacenters = ["nowhere"]
  group "g" {
    consul {}
    service {
      name                = "a"
      provider            = "consul"
      address_mode        = "host"
      enable_tag_override = true
      tagged_addresses {
        lan = "10.0.0.1"
      }
      weights {
        passing = 5
        warning = 1
      }
      check {
        name     = "named"
        type     = "script"
        command  = "/bin/check"
        args     = ["a"]
        interval = "10s"
        timeout  = "2s"
        task     = "t"
      }
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      service {
        name = "b"
        check {
          type     = "tcp"
          port     = "x"
          interval = "10s"
          timeout  = "2s"
        }
        port = "x"
      }
      resources {
        cores  = 1
        memory = 100
      }
    }
    network {
      port "x" {}
    }
  }
}
