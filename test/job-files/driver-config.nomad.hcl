job "driver-config" {
  datacenters = ["nowhere"]
  group "g" {
    task "t" {
      driver = "mock_driver"
      config {
        run_for           = "10m"
        exit_code         = 3
        start_block_for   = "1s"
        plugin_exit_after = "0s"
        kill_after        = "1s"
      }
    }
  }
}
