import type { Case } from "./case.ts";

const job_file = `job "dns" {
  datacenters = ["dc1"]
  group "dns" {
    constraint {
      attribute = "$\{attr.unique.hostname}"
      value     = "box-1"
    }
    network {
      port "dns" {
        static = 53
      }
    }
    service {
      name     = "dns"
      port     = "dns"
      provider = "nomad"
      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }
    task "dns" {
      driver = "raw_exec"
      user   = "nobody"
      config {
        command = "/bin/sleep"
        args    = ["1000"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;

export const fault: Case = {
  about: "the review of a job with a static port on one named node",
  happens: [],
  real: true,
  tool: "validate_job_file",
  args: () => ({ job_file }),
  first: /^dns \(namespace default\) is valid; 2 remarks/,
  says: [/count is 1 on one node with static port 53: each new version, drain or crash is an outage/],
  never: [/canary/],
  tokens: 140,
  requests: 4,
};
