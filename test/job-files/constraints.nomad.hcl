job "constraints" {
  datacenters = ["nowhere"]

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }
  constraint {
    operator = "distinct_hosts"
    value    = "true"
  }
  affinity {
    attribute = "${node.datacenter}"
    value     = "dc1"
    weight    = 80
  }
  spread {
    attribute = "${meta.rack}"
    weight    = 50
    target "r1" {
      percent = 60
    }
    target "r2" {
      percent = 40
    }
  }
  group "g" {
    constraint {
      attribute = "${meta.my-key}"
      operator  = "regexp"
      value     = "^a|b$"
    }
    constraint {
      attribute = "${attr.cpu.arch}"
      operator  = "set_contains_any"
      value     = "x,y"
    }
    constraint {
      attribute = "${meta.flag}"
      operator  = "is_set"
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
    }
  }
}
