import { readdirSync, readFileSync } from "node:fs";

// Which `nomad` commands a tool stands for. An answer of a session that offers the tool names it, and not the command, which a
// chat has nobody to run: session.ts holds every answer of every test to that, commands.test.ts the texts in src.

/** By tool, without `nomad`: what a call of it tells or does. A tool that is not here stands for none. */
export const standsFor: Readonly<Record<string, readonly string[]>> = {
  check_connection: ["acl token self", "status"],
  collect_garbage: ["system gc"],
  create_volume: ["volume create"],
  delete_service: ["service delete"],
  delete_variable: ["var purge"],
  delete_volume: ["volume delete"],
  dispatch_job: ["job dispatch"],
  drain_node: ["node drain"],
  exec_in_allocation: ["alloc exec"],
  fail_deployment: ["deployment fail"],
  find_problems: [],
  force_evaluate_job: ["job eval"],
  force_periodic_job: ["job periodic force"],
  get_allocation_status: ["alloc status", "alloc checks"],
  get_deployment_status: ["deployment status"],
  get_evaluation: ["eval status"],
  get_events: [],
  get_job_evaluations: ["eval list"],
  get_job_logs: ["alloc logs"],
  get_job_status: ["job status", "job deployments", "job allocs"],
  get_node_status: ["node status"],
  get_server_health: ["server members", "operator raft list-peers", "operator scheduler get-config"],
  get_variable: ["var get"],
  list_acl: ["acl policy", "acl role", "acl token list", "acl auth-method list", "acl binding-rule"],
  list_allocation_files: ["alloc fs"],
  list_deployments: ["deployment list"],
  list_job_versions: ["job history", "job scaling-events"],
  list_namespaces: ["namespace list", "node pool list"],
  list_nodes: ["node status"],
  list_nomad_jobs: ["job status"],
  list_services: ["service list", "service info"],
  list_variables: ["var list"],
  list_volumes: ["volume status"],
  pause_deployment: ["deployment pause", "deployment resume"],
  plan_job: ["job plan"],
  promote_deployment: ["deployment promote", "job promote"],
  put_variable: ["var put"],
  read_allocation_file: ["alloc fs"],
  restart_allocation: ["alloc restart"],
  restart_job: ["job restart"],
  revert_job: ["job revert"],
  revoke_token: ["acl token delete"],
  run_job_action: ["job action"],
  scale_job: ["job scale"],
  search_nomad: [],
  set_node_meta: ["node meta apply"],
  set_node_eligibility: ["node eligibility"],
  set_scheduler_config: ["operator scheduler set-config"],
  signal_allocation: ["alloc signal"],
  start_job: ["job start"],
  stop_allocation: ["alloc stop"],
  stop_job: ["job stop"],
  submit_job_file: ["job run"],
  tag_job_version: ["job tag"],
  validate_job_file: ["job validate"],
};

/** What is said about a command and is no advice to run it, or is about what the tool does not do. */
const about = [
  // plan_job: why its counts are not those that an operator knows.
  "(nomad job plan counts its first step only",
  // The description of submit_job_file.
  "as nomad job run does",
  // Where no node is known for which a call could be named.
  "create it on a node (nomad volume create)",
  // delete_volume deletes host volumes.
  "nomad volume delete -type csi",
];

/** How a step of ours is written in the source: the tool, its arguments, the words of the command. */
const steps = /\["(\w+)",[^[\]]*\],\s*\["([a-z][a-z -]*)"/g;

/** Commands by which tools stand for them: those of the table, and those that stand beside a tool in a step of the source. */
const tools = new Map<string, Set<string>>();
const add = (command: string, tool: string) => tools.set(command, (tools.get(command) ?? new Set()).add(tool));
for (const [tool, commands] of Object.entries(standsFor)) for (const command of commands) add(command, tool);
for (const { text } of sources()) for (const [, tool = "", command = ""] of text.matchAll(steps)) add(command, tool);

/** The files of src, without their comments. */
export function sources(): { readonly name: string; readonly text: string }[] {
  const root = new URL("../../src/", import.meta.url);
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return names.map((name) => {
    const text = readFileSync(new URL(name, root), "utf8");
    return { name, text: text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "") };
  });
}

/** The tools that stand for the command with which `words` begins: `node status -verbose`. */
export function toolsFor(words: string): readonly string[] {
  const parts = words.split(" ");
  for (let count = parts.length; count > 0; count--) {
    const found = tools.get(parts.slice(0, count).join(" "));
    if (found !== undefined) return [...found];
  }
  return [];
}

/** The commands in a text that `offers` has a tool for, each with that; output of workloads is nobody's advice. */
export function replaceable(text: string, offers: (tool: string) => boolean): string[] {
  const ours = about.reduce((rest, words) => rest.replaceAll(words, ""), text.replaceAll(/^\s*\| .*$/gm, ""));
  return [...ours.matchAll(/\bnomad ([a-z]+(?: [a-z][a-z-]*)*)/g)].flatMap(([, words = ""]) => {
    const tool = toolsFor(words).find(offers);
    return tool === undefined ? [] : [`nomad ${words}: ${tool} is offered`];
  });
}
