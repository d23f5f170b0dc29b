# nginx in front of the replicas of nomad-mcp.nomad.hcl, which it finds in Nomad's catalogue. docs/deploy.md goes through it.
#
#   nomad job run -var server_name=nomad-mcp.example.com deploy/load-balancer.nomad.hcl
#
# It was run on Nomad 2.0 with the driver raw_exec and nginx 1.31: the replicas behind it were updated under load without a
# failed call. With docker it was only validated.

variable "server_name" {
  type        = string
  description = "The name that people use, which the certificate is for: nomad-mcp.example.com"
}

variable "port" {
  type    = number
  default = 443
}

variable "namespace" {
  type        = string
  default     = "nomad-mcp"
  description = "That of nomad-mcp: a job sees the services of its own"
}

variable "datacenters" {
  type    = list(string)
  default = ["*"]
}

variable "count" {
  type        = number
  default     = 1
  description = "More than one needs an address that moves between them, or several in DNS"
}

variable "driver" {
  type        = string
  default     = "docker"
  description = "docker, or where nginx is on the clients: raw_exec"
}

variable "image" {
  type    = string
  default = "nginx:1.28-alpine"
}

variable "nginx" {
  type        = string
  default     = "/usr/sbin/nginx"
  description = "raw_exec: nginx 1.28 or later on the clients"
}

job "nomad-mcp-balancer" {
  namespace   = var.namespace
  datacenters = var.datacenters
  type        = "service"

  group "nginx" {
    count = var.count

    network {
      port "https" {
        static = var.port
      }
    }

    service {
      name     = "nomad-mcp-balancer"
      provider = "nomad"
      port     = "https"

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "nginx" {
      driver = var.driver

      dynamic "config" {
        for_each = var.driver == "docker" ? ["docker"] : []
        content {
          image   = var.image
          ports   = ["https"]
          command = "nginx"
          args    = ["-p", "${NOMAD_TASK_DIR}", "-c", "${NOMAD_TASK_DIR}/nginx.conf", "-e", "stderr"]
        }
      }

      dynamic "config" {
        for_each = var.driver == "docker" ? [] : [var.driver]
        content {
          command = var.nginx
          args    = ["-p", "${NOMAD_TASK_DIR}", "-c", "${NOMAD_TASK_DIR}/nginx.conf", "-e", "stderr"]
        }
      }

      # SIGHUP: calls under way end where they are, new ones go where the catalogue says now. It has to come sooner than the
      # shutdown_delay of the replicas, so it waits for no splay.
      template {
        destination   = "local/nginx.conf"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        splay         = "0s"
        data          = <<-EOT
          daemon off;
          worker_processes 2;
          pid nginx.pid;

          events {
            worker_connections 2048;
          }

          http {
            # No query and no header: nothing secret gets into the log.
            log_format calls '$remote_addr $status $request_method $uri $request_time $upstream_addr $upstream_status';
            access_log /dev/stdout calls;
            server_tokens off;

            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;

            # Any replica answers any call. One that cannot be reached is passed over by that call alone (max_fails): were all
            # of them marked as failed in a bad moment, every call would fail for seconds.
            upstream nomad_mcp {
              {{- range nomadService "nomad-mcp" }}
              server {{ .Address }}:{{ .Port }} max_fails=0;
              {{- else }}
              server 127.0.0.1:1;
              {{- end }}
              # Shorter than the 75s of the replicas, so that no call is sent into a connection that is just being closed.
              keepalive 32;
              keepalive_timeout 60s;
            }

            server {
              listen {{ env "NOMAD_PORT_https" }} ssl;
              server_name ${var.server_name};
              # A client may send its next call into the connection that it has just while this configuration is exchanged.
              keepalive_timeout 75s;
              keepalive_min_timeout 75s;
              ssl_certificate {{ env "NOMAD_SECRETS_DIR" }}/tls.pem;
              ssl_certificate_key {{ env "NOMAD_SECRETS_DIR" }}/tls-key.pem;
              ssl_protocols TLSv1.2 TLSv1.3;

              # nomad-mcp takes 2 MiB, and says so.
              client_max_body_size 3m;

              location / {
                proxy_pass https://nomad_mcp;
                proxy_ssl_server_name on;
                proxy_ssl_name ${var.server_name};
                proxy_ssl_verify on;
                proxy_ssl_verify_depth 3;
                proxy_ssl_trusted_certificate {{ env "NOMAD_SECRETS_DIR" }}/ca.pem;

                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_set_header Host $host;
                proxy_set_header X-Forwarded-For $remote_addr;

                # Progress is streamed. A call ends within 50s.
                proxy_buffering off;
                proxy_connect_timeout 5s;
                proxy_read_timeout 75s;
                proxy_send_timeout 75s;

                # Another replica is tried where this one could not be reached. What was sent is not sent again (a POST,
                # unless non_idempotent stood here): it may have been carried out.
                proxy_next_upstream error timeout;
                proxy_next_upstream_tries 3;
              }
            }
          }
        EOT
      }

      # From the Nomad variable nomad/jobs/nomad-mcp-balancer, which this job may read.
      template {
        destination   = "secrets/tls.pem"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        data          = "{{ with nomadVar \"nomad/jobs/nomad-mcp-balancer\" }}{{ .tls_cert }}{{ end }}\n"
      }

      template {
        destination   = "secrets/tls-key.pem"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        data          = "{{ with nomadVar \"nomad/jobs/nomad-mcp-balancer\" }}{{ .tls_key }}{{ end }}\n"
      }

      template {
        destination   = "secrets/ca.pem"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        data          = "{{ with nomadVar \"nomad/jobs/nomad-mcp-balancer\" }}{{ .ca }}{{ end }}\n"
      }

      # SIGQUIT: calls under way end first.
      kill_signal  = "SIGQUIT"
      kill_timeout = "30s"

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
