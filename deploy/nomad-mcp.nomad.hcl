# nomad-mcp for a team: two replicas behind a balancer (load-balancer.nomad.hcl). docs/deploy.md goes through it step by step.
#
#   nomad job run -var image=registry.example.com/nomad-mcp:0.2.0 \
#     -var public_url=https://nomad-mcp.example.com -var 'proxies=10.0.0.0/8' deploy/nomad-mcp.nomad.hcl
#
# It was run on Nomad 2.0 with the drivers raw_exec and exec: it came up, was found healthy, and was updated under load. With
# docker it was only validated.

variable "image" {
  type        = string
  default     = ""
  description = "docker: the image of the Dockerfile, where Nomad clients pull it"
}

variable "package" {
  type        = string
  default     = ""
  description = "exec, raw_exec: where Nomad clients fetch the program, the file that npm pack makes"
}

variable "public_url" {
  type        = string
  description = "The address that people use, which the certificate is for: https://nomad-mcp.example.com"
}

variable "proxies" {
  type        = string
  description = "Address ranges of the balancer, with commas between them: nobody else is answered"
}

variable "namespace" {
  type        = string
  default     = "nomad-mcp"
  description = "Where this job runs: a namespace of its own, into which its own policy lets it change nothing"
}

variable "works_in" {
  type        = string
  default     = "default"
  description = "The namespace that a call is about where it names none"
}

variable "datacenters" {
  type    = list(string)
  default = ["*"]
}

variable "count" {
  type    = number
  default = 2
}

variable "driver" {
  type        = string
  default     = "docker"
  description = "docker, or where Node is on the clients: exec (isolated), raw_exec (not isolated)"
}

variable "node" {
  type        = string
  default     = "/usr/bin/node"
  description = "exec, raw_exec: Node 20.19 or later on the clients"
}

variable "roles" {
  type        = string
  description = "What callers may do, and other settings of the server, as its settings file has them. A change is a new version of this job; keys are changed without one"
  default     = <<-EOT
    [roles.viewer]
    read_only = true

    [roles.operator]
    confirm = "ask"
  EOT
}

job "nomad-mcp" {
  namespace   = var.namespace
  datacenters = var.datacenters
  type        = "service"

  # One new replica beside the old ones; where it is ready they are replaced, where it is not it goes again.
  update {
    canary            = 1
    max_parallel      = 1
    health_check      = "checks"
    min_healthy_time  = "10s"
    healthy_deadline  = "2m"
    progress_deadline = "5m"
    auto_promote      = true
    auto_revert       = true
  }

  group "mcp" {
    count = var.count

    # Two nodes where there are two.
    spread {
      attribute = "${node.unique.id}"
    }

    network {
      port "https" {}
      port "metrics" {}
    }

    # Between leaving the catalogue and being told to end: the balancer has to have noticed by then.
    shutdown_delay = "10s"

    service {
      name     = "nomad-mcp"
      provider = "nomad"
      port     = "https"

      # Nomad asks by address, for which no certificate is made. Where client certificates are asked for
      # (NOMAD_MCP_TLS_CLIENT_CA), Nomad has none: use type = "tcp" then.
      check {
        type            = "http"
        protocol        = "https"
        tls_skip_verify = true
        path            = "/readyz"
        interval        = "5s"
        timeout         = "2s"
      }
    }

    # Where Prometheus finds each replica: nomad_sd_configs, then grafana-dashboard.json and prometheus-alerts.yml. Nothing there
    # asks for a key: let only Prometheus reach the port.
    service {
      name     = "nomad-mcp-metrics"
      provider = "nomad"
      port     = "metrics"
    }

    task "server" {
      driver = var.driver
      user   = var.driver == "docker" ? "node" : ""

      dynamic "config" {
        for_each = var.driver == "docker" ? ["docker"] : []
        content {
          image           = var.image
          ports           = ["https", "metrics"]
          args            = ["serve"]
          readonly_rootfs = true
          cap_drop        = ["all"]
          security_opt    = ["no-new-privileges"]
        }
      }

      dynamic "config" {
        for_each = var.driver == "docker" ? [] : [var.driver]
        content {
          command = var.node
          args    = ["${NOMAD_TASK_DIR}/package/dist/nomad-mcp.js", "serve"]
        }
      }

      dynamic "artifact" {
        for_each = var.driver == "docker" ? [] : [var.package]
        content {
          source      = artifact.value
          destination = "local"
        }
      }

      # Whose rights the server has: those of the policy that is bound to this job (nomad-mcp-policy.hcl).
      identity {
        file = true
      }

      env {
        NOMAD_ADDR           = "unix://${NOMAD_SECRETS_DIR}/api.sock"
        NOMAD_MCP_TOKEN_FILE = "${NOMAD_SECRETS_DIR}/nomad_token"
        NOMAD_NAMESPACE      = var.works_in

        NOMAD_MCP_LISTEN       = "0.0.0.0:${NOMAD_PORT_https}"
        NOMAD_MCP_PUBLIC_URL   = var.public_url
        NOMAD_MCP_BEHIND_PROXY = var.proxies
        NOMAD_MCP_TLS_CERT     = "${NOMAD_SECRETS_DIR}/tls.pem"
        NOMAD_MCP_TLS_KEY      = "${NOMAD_SECRETS_DIR}/tls-key.pem"

        NOMAD_MCP_METRICS_LISTEN = "0.0.0.0:${NOMAD_PORT_metrics}"

        NOMAD_MCP_CONFIG         = "${NOMAD_TASK_DIR}/config.toml"
        NOMAD_MCP_KEYS_FILE      = "${NOMAD_SECRETS_DIR}/keys.toml"
        NOMAD_MCP_STATE_KEY_FILE = "${NOMAD_SECRETS_DIR}/state-key"

        # The log of the task has it: nomad alloc logs.
        NOMAD_MCP_AUDIT_LOG = "-"
        NOMAD_MCP_AUDIT     = "all"

        # Less than kill_timeout.
        NOMAD_MCP_DRAIN_SECONDS = "20"
      }

      template {
        destination = "local/config.toml"
        data        = var.roles
      }

      # What is secret stands in the Nomad variable nomad/jobs/nomad-mcp, which this job may read. The server reads the files
      # again when they change: nothing has to be restarted.
      template {
        destination = "secrets/tls.pem"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs/nomad-mcp\" }}{{ .tls_cert }}{{ end }}\n"
      }

      template {
        destination = "secrets/tls-key.pem"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs/nomad-mcp\" }}{{ .tls_key }}{{ end }}\n"
      }

      template {
        destination = "secrets/keys.toml"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs/nomad-mcp\" }}{{ .keys }}{{ end }}\n"
      }

      template {
        destination = "secrets/state-key"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs/nomad-mcp\" }}{{ .state_key }}{{ end }}\n"
      }

      # Nomad allows at most max_kill_timeout of the client: 30s where nobody set another one.
      kill_timeout = "25s"

      resources {
        cpu        = 200
        memory     = 256
        memory_max = 512
      }
    }
  }
}
