import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { team, told } from "./support/network-server.ts";

// What Prometheus reads, of a server that people call; and what is made for it in deploy/.

const usual = { settings: "[roles.viewer]\nread_only = true\n", people: { anna: "viewer" } };

/** A server that tells metrics, and what it tells: each line by name and labels. */
async function measured() {
  const { start, client, demo, keys } = await team(usual);
  const server = await start("--metrics-listen=127.0.0.1:0");
  const address = server.serving.metrics ?? "";
  const read = async () => {
    const response = await fetch(`${address}/metrics`);
    const text = await response.text();
    const rows = [...text.matchAll(/^([a-z_]+(?:\{.*\})?) ([\d.e+-]+)$/gm)].map(([, row = "", n]) => [row, Number(n)]);
    return {
      text,
      type: response.headers.get("content-type"),
      rows: Object.fromEntries(rows) as Record<string, number>,
    };
  };
  return { server, address, read, client: await client("anna", server), demo, keys };
}

describe("what is told", () => {
  test("calls by tool, outcome and role, and their time", async () => {
    const { client, read } = await measured();
    await told(client, "list_nomad_jobs");
    await told(client, "list_nomad_jobs");
    await told(client, "get_job_status", { job_id: "nope" });
    await told(client, "get_job_status", {});
    await told(client, "restart_job", { job_id: "web" });
    await told(client, "no_such_tool");
    const { rows, type } = await read();
    expect(type).toContain("text/plain; version=0.0.4");
    const calls = (tool: string, outcome: string) =>
      rows[`nomad_mcp_calls_total{tool="${tool}",outcome="${outcome}",role="viewer"}`];
    expect({
      listed: calls("list_nomad_jobs", "ok"),
      notFound: calls("get_job_status", "refused"),
      missing: calls("get_job_status", "arguments"),
      hidden: calls("restart_job", "hidden"),
      unknown: calls("unknown", "unknown"),
    }).toEqual({ listed: 2, notFound: 1, missing: 1, hidden: 1, unknown: 1 });
    expect(rows['nomad_mcp_call_duration_seconds_count{tool="list_nomad_jobs"}']).toBe(2);
    expect(rows['nomad_mcp_call_duration_seconds_bucket{le="+Inf",tool="list_nomad_jobs"}']).toBe(2);
    expect(rows.nomad_mcp_calls_under_way).toBe(0);
  });

  test("requests to Nomad by outcome, their time, and the queue", async () => {
    const { client, read, demo } = await measured();
    const before = demo.requests.length;
    await told(client, "list_nomad_jobs");
    await told(client, "get_job_status", { job_id: "nope" });
    const sent = demo.requests.length - before;
    const { rows } = await read();
    const of = (outcome: string) => rows[`nomad_mcp_nomad_requests_total{cluster="default",outcome="${outcome}"}`] ?? 0;
    expect(of("not_found")).toBeGreaterThan(0);
    expect(of("ok") + of("not_found")).toBe(sent);
    expect(rows['nomad_mcp_nomad_request_duration_seconds_count{cluster="default"}']).toBe(sent);
    expect(rows['nomad_mcp_nomad_requests_under_way{cluster="default"}']).toBe(0);
    expect(rows['nomad_mcp_nomad_requests_queued{cluster="default"}']).toBe(0);
  });

  test("a Nomad that is gone", async () => {
    const { client, read, demo } = await measured();
    await demo.stop();
    await told(client, "get_job_status", { job_id: "web" });
    const { rows } = await read();
    expect(rows['nomad_mcp_nomad_requests_total{cluster="default",outcome="unreachable"}']).toBeGreaterThan(0);
    expect(rows['nomad_mcp_calls_total{tool="get_job_status",outcome="failed",role="viewer"}']).toBe(1);
  });

  test("what was refused, by why", async () => {
    const { server, read, keys } = await measured();
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    await server.ask("/mcp", post);
    await server.ask("/mcp", { ...post, headers: { ...post.headers, authorization: `Bearer ${keys.anna}x` } });
    await server.ask("/mcp", { ...post, headers: { ...post.headers, origin: "https://evil.example" } });
    await server.ask("/mcp", { ...post, who: "anna", headers: { "content-type": "text/plain" } });
    const { rows } = await read();
    const of = (reason: string) => rows[`nomad_mcp_refused_total{reason="${reason}"}`];
    expect([of("unauthorized"), of("forbidden"), of("media-type")]).toEqual([2, 1, 1]);
  });

  test("nothing of people, jobs or arguments", async () => {
    const { client, read, keys } = await measured();
    await told(client, "get_job_status", { job_id: "web", namespace: "default" });
    await told(client, "diagnose_job", { job_id: "crash-loop" });
    await told(client, "secret_tool_of_mine", { password: "hunter2" });
    const { text } = await read();
    expect(text).toContain('tool="diagnose_job"');
    for (const word of ["anna", keys.anna ?? "", "web", "crash-loop", "secret_tool", "hunter2"]) {
      expect(text.replaceAll(/^# .*$/gm, "")).not.toContain(word);
    }
  });
});

test("they are read at a place of their own, and nothing else is", async () => {
  const { server, address, keys } = await measured();
  expect((await server.ask("/metrics", { who: "anna" })).status).toBe(404);
  expect((await fetch(`${address}/mcp`, { method: "POST", body: "{}" })).status).toBe(404);
  expect((await fetch(`${address}/metrics`, { method: "POST" })).status).toBe(405);
  expect(server.log.join("\n")).toContain(`metrics at ${address}/metrics`);
  expect(keys.anna).toBeDefined();
});

test("without the setting nobody reads them", async () => {
  const { start } = await team();
  expect((await start()).serving.metrics).toBeUndefined();
});

test("a place that is none is told by the name of its setting", async () => {
  const { start } = await team();
  await expect(start("--metrics-listen=here")).rejects.toThrow(/^--metrics-listen: "here" is no place to listen/);
});

describe("deploy/", () => {
  const deployed = (file: string) => readFileSync(join(import.meta.dirname, "../deploy", file), "utf8");
  const named = (text: string) => [...new Set(text.match(/\bnomad_mcp_[a-z_]+/g) ?? [])];
  /** The names under which Prometheus keeps what has buckets. */
  const base = (name: string) => name.replace(/_(bucket|count|sum)$/, "");

  test.each(["grafana-dashboard.json", "prometheus-alerts.yml"])("%s asks for metrics that there are", async (file) => {
    const { text } = await (await measured()).read();
    const told = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const asked = named(deployed(file)).map(base);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((name) => !told.includes(name))).toEqual([]);
  });

  test("the dashboard shows every metric of our own", async () => {
    const { text } = await (await measured()).read();
    const told = [...text.matchAll(/^# TYPE (nomad_mcp_\S+)/gm)].map(([, name]) => name);
    expect(
      told.filter(
        (name) =>
          !named(deployed("grafana-dashboard.json"))
            .map(base)
            .includes(name ?? ""),
      ),
    ).toEqual([]);
  });

  test("the dashboard has a title, a data source to choose, and panels beside each other", () => {
    const { title, templating, panels } = JSON.parse(deployed("grafana-dashboard.json"));
    expect(title).toBe("nomad-mcp");
    expect(templating.list[0]).toMatchObject({ name: "source", type: "datasource", query: "prometheus" });
    const taken = new Set<string>();
    for (const { gridPos, targets, title: name } of panels) {
      expect(targets.length, name).toBeGreaterThan(0);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, name).toBeLessThan(24);
          expect(taken.has(`${x},${y}`), name).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});
