job "actions" {
  datacenters = ["nowhere"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      action "date" {
        command = "/bin/date"
        args    = ["-u"]
      }
      template {
        source      = "local/a.tpl"
        destination = "local/a"
        change_mode = "script"
        change_script {
          command       = "/bin/x"
          args          = ["a"]
          timeout       = "20s"
          fail_on_error = true
        }
        left_delimiter       = "[["
        right_delimiter      = "]]"
        perms                = "600"
        uid                  = 1000
        gid                  = 1000
        splay                = "0s"
        error_on_missing_key = true
      }
    }
  }
}
