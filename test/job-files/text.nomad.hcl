job "text" {
  datacenters = ["nowhere"]

  group "g" {
    task "t" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args = ["-c", <<EOT
echo "a \ b"
	tab ${NOMAD_TASK_DIR} $${not} %%{ if true }x%%{ endif }
the end
EOT
        ]
      }

      env {
        MULTI   = "a\nb\n"
        UMLAUTS = "ä ö ü"
        TRICK   = "$$$${a}"
        HIDDEN  = "a\u202eb\U000e0041c"
        NUMBER  = 5
        FLAG    = true
      }

      template {
        data        = "one line, no end"
        destination = "local/x"
      }

      template {
        data        = <<EOT
first
EOT and more
EOT
        destination = "local/y"
      }

      template {
        data        = "first\nEOT\n"
        destination = "local/z"
      }
    }
  }
}
