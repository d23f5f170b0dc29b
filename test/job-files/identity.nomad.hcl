job "identity" {
  datacenters = ["nowhere"]
  group "g" {

    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      identity {
        env  = true
        file = true
      }
      identity {
        name          = "vault_default"
        aud           = ["vault.io"]
        ttl           = "1h"
        change_mode   = "signal"
        change_signal = "SIGHUP"
      }
    }
  }
}
