job "vault" {
  datacenters = ["nowhere"]
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      vault {
        role        = "web"
        change_mode = "noop"
      }
    }
    task "u" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      vault {}
    }
  }
}
