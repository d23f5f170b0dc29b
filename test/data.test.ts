import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { expect, onTestFinished, test } from "vitest";
import { openSession } from "../src/session.ts";
import { readSettings } from "../src/settings/settings.ts";

/** The eleven tools of the mission, and all that list: programs get the same facts as people. */
const calls: readonly (readonly [tool: string, args: Record<string, unknown>, keys: readonly string[]])[] = [
  ["list_nomad_jobs", {}, ["jobs"]],
  ["list_nomad_jobs", { prefix: "nothing-begins-so" }, ["jobs"]],
  [
    "get_job_status",
    { job_id: "web" },
    ["job_id", "namespace", "type", "version", "condition", "settled", "causes", "groups"],
  ],
  ["get_allocation_status", { job_id: "web" }, ["job_id", "namespace", "allocations"]],
  ["get_job_evaluations", { job_id: "web" }, ["job_id", "namespace", "evaluations"]],
  ["get_job_logs", { job_id: "web" }, ["allocation_id", "job_id", "namespace", "task", "log"]],
  ["get_job_usage", { follow_seconds: 0 }, ["tasks", "looks"]],
  ["list_services", {}, ["services"]],
  ["list_variables", {}, ["variables"]],
  ["get_variable", { path: "shop/mail" }, ["path", "namespace", "keys", "index"]],
  ["put_variable", { path: "shop/mail", set: { port: "25" } }, ["path", "namespace", "added", "untouched", "index"]],
  ["delete_variable", { path: "shop/mail" }, ["path", "namespace", "removed"]],
  ["list_services", { job_id: "web" }, ["services"]],
  ["list_deployments", {}, ["deployments"]],
  ["list_deployments", { job_id: "web" }, ["deployments"]],
  ["list_job_versions", { job_id: "web" }, ["job_id", "namespace", "versions"]],
  ["find_problems", {}, ["problems"]],
  ["get_timeline", {}, ["from", "until", "events"]],
  ["get_server_health", {}, ["state", "leader", "servers", "may_fail", "blocked_evaluations"]],
  ["set_scheduler_config", { setting: "algorithm", value: "spread" }, ["setting", "before", "value"]],
  ["list_namespaces", {}, ["namespaces", "node_pools", "regions"]],
  ["list_nodes", {}, ["nodes"]],
  ["get_node_status", { node: "client-1" }, ["node_id", "name", "state", "memory_mb", "cpu_mhz", "allocations"]],
  [
    "get_node_status",
    { node: "client-1", drain_preview: true },
    ["node_id", "name", "state", "no_place", "gap", "not_known", "moves", "killed", "system"],
  ],
  ["list_nodes", { filter: 'Name == "nowhere"' }, ["nodes"]],
  ["diagnose_job", { job_id: "checkout" }, ["job_id", "namespace", "condition", "settled", "causes"]],
  ["force_evaluate_job", { job_id: "web", wait_seconds: 0 }, ["job_id", "namespace", "evaluation_id"]],
  ["restart_job", { job_id: "web", wait_seconds: 0 }, ["job_id", "namespace", "sent", "total"]],
  [
    "stop_job",
    { job_id: "cache", wait_seconds: 0 },
    ["job_id", "namespace", "purged", "evaluation_id", "runs_that_go_on"],
  ],
  ["start_job", { job_id: "cache", wait_seconds: 0 }, ["job_id", "namespace", "evaluation_id"]],
  [
    "create_job",
    { job_id: "made", docker_image: "nginx:1.29", wait_seconds: 0 },
    ["job_id", "namespace", "evaluation_id"],
  ],
  [
    "submit_job_file",
    {
      job_file: JSON.stringify({ Job: { ID: "filed", Type: "batch", Datacenters: ["dc1"], TaskGroups: [group()] } }),
      wait_seconds: 0,
    },
    ["job_id", "namespace", "evaluation_id"],
  ],
  ["list_acl", {}, ["enabled", "policies", "roles", "tokens", "auth_methods", "binding_rules"]],
  ["list_acl", { policy: "watchers" }, ["policy", "may"]],
  ["list_acl", { role: "on-call" }, ["role", "id", "policies", "may"]],
  ["list_acl", { accessor: "grafana" }, ["accessor_id", "name", "type", "policies", "may"]],
  ["revoke_token", { accessor_id: "ffbb49b1" }, ["accessor_id", "name", "type"]],
  ["create_volume", { name: "data", node: "client-1" }, ["volume_id", "node", "state", "path"]],
  ["list_volumes", {}, ["volumes", "cursors"]],
  ["delete_volume", { volume: "data" }, ["volume_id", "name", "node", "deleted"]],
  ["set_node_meta", { node: "client-1", set: { team: "shop" } }, ["node_id", "name", "set", "removed"]],
  // Last: what the others are about may be garbage.
  ["collect_garbage", { wait_seconds: 0 }, ["deleted_jobs", "left_jobs", "deleted_nodes"]],
];

function group() {
  const task = { Name: "t", Driver: "mock_driver", Config: { run_for: "1s" }, Resources: { CPU: 20, MemoryMB: 16 } };
  return { Name: "g", Count: 1, Tasks: [task] };
}

test("what tools tell people, programs get as data", async () => {
  const demo = await startDemoCluster({ clock: virtualClock(), seed: 1 });
  onTestFinished(() => demo.stop());
  demo.enableAcl();
  const session = await openSession(readSettings([], { NOMAD_ADDR: demo.address, NOMAD_MCP_TOOLSETS: "all" }).settings);
  onTestFinished(() => session.release());
  const { signal } = new AbortController();
  for (const [tool, args, keys] of calls) {
    const { text, data, isError } = await session.toolbox.tell(tool, args, { signal });
    expect(isError ?? false, text).toBe(false);
    const facts = data?.();
    expect(Object.keys(facts ?? {}), tool).toEqual(expect.arrayContaining([...keys]));
    // What JSON carries, and nothing else.
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  }
});
