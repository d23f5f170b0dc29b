job "volumes" {
  datacenters = ["nowhere"]
  group "g" {
    count = 2
    volume "v" {
      type            = "csi"
      source          = "data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
      per_alloc       = true
      mount_options {
        fs_type     = "ext4"
        mount_flags = ["noatime"]
      }
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      volume_mount {
        volume           = "v"
        destination      = "/srv"
        propagation_mode = "host-to-task"
      }
    }
  }
}
