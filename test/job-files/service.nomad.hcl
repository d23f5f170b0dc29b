job "service" {
  datacenters = ["nowhere"]

  priority = 70
  meta {
    owner = "team a"
  }
  update {
    max_parallel     = 2
    canary           = 1
    auto_revert      = true
    min_healthy_time = "15s"
  }
  group "api" {
    count = 3
    network {
      mode = "bridge"
      port "http" {
        to = 8080
      }
      port "admin" {
        static       = 9100
        host_network = "private"
      }
      dns {
        servers = ["10.0.0.1"]
      }
    }
    service {
      name     = "api"
      port     = "http"
      provider = "nomad"
      tags     = ["a", "b=c"]
      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
        header {
          Authorization = ["Basic abc"]
        }
        check_restart {
          limit = 3
          grace = "90s"
        }
      }
    }
    restart {
      attempts = 5
      interval = "10m"
      delay    = "20s"
      mode     = "delay"
    }
    reschedule {
      delay          = "30s"
      delay_function = "fibonacci"
      max_delay      = "20m"
      unlimited      = true
    }
    ephemeral_disk {
      size    = 500
      sticky  = true
      migrate = true
    }
    migrate {
      max_parallel = 2
      health_check = "task_states"
    }
    task "server" {
      driver         = "docker"
      user           = "nobody"
      leader         = true
      kill_timeout   = "20s"
      kill_signal    = "SIGINT"
      shutdown_delay = "3s"
      config {
        image = "nginx:1.27"
        ports = ["http"]
        mount {
          type   = "bind"
          source = "local"
          target = "/x"
        }
        auth {
          username = "u"
        }
        labels {
          a = "b"
        }
        args = ["-c", "echo ${NOMAD_PORT_http} && echo $${HOME} %%{x}"]
      }

      env = {
        "dotted.key" = "1"
      }
      template {
        data        = <<EOT
{{ with nomadVar "nomad/jobs/x" }}P={{ .p }}{{ end }}
{{ range service "a" }}$${X} {{ end }}
EOT
        destination = "local/x.env"
        env         = true
        change_mode = "restart"
        wait {
          min = "2s"
          max = "10s"
        }
      }
      artifact {
        source      = "https://example.com/a.zip"
        destination = "local/a"
        options {
          checksum = "md5:d41d8cd98f00b204e9800998ecf8427e"
        }
        headers {
          X-Y = "z"
        }
      }
      logs {
        max_files     = 3
        max_file_size = 5
      }
      resources {
        cpu        = 500
        memory     = 256
        memory_max = 512
        device "nvidia/gpu" {
          count = 2
          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "2 GiB"
          }
          affinity {
            attribute = "${device.model}"
            value     = "x"
            weight    = -20
          }
        }
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
        read_only   = true
      }
    }
    volume "data" {
      type      = "host"
      source    = "certs"
      read_only = true
    }
  }
}
