# What the tools of nomad-mcp need in namespace default, and no more (docs/rights.md has it tool by tool). A block for each other
# namespace that they may work in, or a pattern ("shop-*"). Not for the namespace in which nomad-mcp itself runs: whoever may
# submit jobs there can give themselves its rights, and read its keys.
#
#   nomad acl policy apply -namespace nomad-mcp -job nomad-mcp nomad-mcp deploy/nomad-mcp-policy.hcl

namespace "default" {
  capabilities = [
    # To read
    "csi-list-volume",
    "host-volume-read",
    "list-jobs",
    "parse-job",
    "read-fs",
    "read-job",
    "read-logs",
    # To change things, too: leave these out where nobody is to
    "alloc-lifecycle",
    "dispatch-job",
    "scale-job",
    "submit-job",
  ]
  # "destroy" and "write" change things. Without this block nobody sees the Nomad variables of the namespace
  variables {
    path "*" {
      capabilities = ["destroy", "list", "read", "write"]
    }
  }
}

# "read" where set_node_eligibility is not to be used
node {
  policy = "write"
}

operator {
  policy = "read"
}

# For plan_job and submit_job_file
node_pool "*" {
  policy = "read"
}
