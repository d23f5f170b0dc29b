import type { Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import { isObject } from "../../mcp/fault.ts";

const jobFile = `job "web" {
  group "web" {
    network {
      port "http" { to = 80 }
    }
    task "nginx" {
      driver = "docker"
      config {
        image = "nginx:1.27"
        ports = ["http"]
      }
    }
  }
}
`;

/** Values of arguments, by name, where their schema does not say one. */
const values: Readonly<Record<string, unknown>> = {
  accessor: "2ff4bf0c",
  accessor_id: "2ff4bf0c",
  action: "migrate",
  allocation_id: "4f2a9c31",
  batch_size: 2,
  check_index: 42,
  command: ["nginx", "-g", "daemon off;"],
  confirm: "k7m2pq",
  contains: "error",
  count: 3,
  cpu: 100,
  cursor: "default.web",
  datacenters: ["dc1"],
  deployment_id: "9c1f0a2b",
  description: "before the sale",
  docker_image: "nginx:1.27",
  env_vars: { LOG_LEVEL: "info" },
  evaluation_id: "5d0e4b7a",
  file: "main/local/app.conf",
  filter: 'NodePool == "gpu"',
  group: "web",
  groups: ["web"],
  job_file: jobFile,
  job_id: "web",
  memory: 128,
  meta: { customer: "42" },
  name: "Web shop",
  namespace: "default",
  new_job: { job_id: "web", docker_image: "nginx:1.27" },
  node: "client-1",
  node_pool: "default",
  parameters: { mode: "0770" },
  path: "nomad/jobs/web",
  payload: "42",
  policy: "developers",
  ports: [{ Label: "http", To: 80 }],
  prefix: "web",
  reason: "kernel update",
  digest: "3f16d6f849d4",
  message: "Raise nginx",
  replace: "nginx:1.27",
  role: "on-call",
  since: "20m",
  service: "web",
  set: { log_level: "info" },
  setting: "memory_oversubscription",
  stdin: "reload\n",
  tag: "golden",
  task: "nginx",
  text: "nginx",
  unhealthy: ["4f2a9c31"],
  unset: ["old_key"],
  until: "10m",
  value: "on",
  variables: 'image = "nginx:1.27"',
  version: "1",
  volume: "data",
  with: "nginx:1.28",
};

/** What a call of a tool would have beside what it must have. */
const alsoGiven: Readonly<Record<string, readonly string[]>> = {
  create_job: ["count", "cpu", "memory", "ports", "env_vars"],
  fail_deployment: ["job_id"],
  get_allocation_status: ["job_id"],
  get_deployment_status: ["job_id"],
  get_events: ["job_id"],
  get_job_logs: ["job_id"],
  pause_deployment: ["job_id"],
  plan_job: ["job_file"],
  promote_deployment: ["job_id"],
  resume_deployment: ["job_id"],
  put_variable: ["set"],
  save_job_file: ["replace", "with"],
  submit_job_file: ["job_file"],
  validate_job_file: ["job_file"],
};

/** The address of a file of the library: the same word means a path in the tools about allocations. */
const libraryFile = "platform/web.nomad.hcl";

/** A value that an argument can have. */
export function exampleOf(name: string, schema: unknown): unknown {
  const { description, enum: choices, default: usual, minimum = 1, type } = isObject(schema) ? schema : {};
  if (Array.isArray(choices)) return choices[0];
  if (name === "file" && /library|list_job_files/.test(String(description))) return libraryFile;
  if (Object.hasOwn(values, name)) return values[name];
  if (usual !== undefined) return usual;
  if (type === "boolean") return true;
  return type === "integer" || type === "number" ? minimum : undefined;
}

/** Arguments of a whole call. */
export function exampleArguments({ name, inputSchema }: ToolDefinition): Record<string, unknown> {
  const { properties = {}, required = [] } = inputSchema;
  const given = [...required, ...(alsoGiven[name] ?? [])];
  return Object.fromEntries(given.map((key) => [key, exampleOf(key, properties[key])]));
}
