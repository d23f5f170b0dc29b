import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSession } from "../src/session.ts";
import { loadSettings } from "../src/settings/settings.ts";
import { openStart } from "../src/start.ts";
import { hosted, type TestSession } from "./support/session.ts";

// Two clusters that answer, one that is only read, one that nobody answers for and one whose settings cannot be used.

let demos: readonly [DemoCluster, DemoCluster];
let directory: string;
let session: TestSession;
let startLine: string;

beforeAll(async () => {
  const start = () => startDemoCluster({ clock: virtualClock(), seed: 1 });
  demos = [await start(), await start()];
  directory = mkdtempSync(join(tmpdir(), "nomad-mcp-clusters-"));
  const file = join(directory, "config.toml");
  writeFileSync(
    file,
    `cluster = "prod"
[clusters.staging]
address = "${demos[0].address}"
[clusters.prod]
address = "${demos[1].address}"
read_only = true
[clusters.gone]
address = "http://127.0.0.1:9"
[clusters.broken]
address = "https://nomad.test"
ca_cert = "${directory}/nobody.pem"
`,
  );
  const { settings } = await loadSettings([`--config=${file}`], {});
  const opened = await openStart(settings, () => {});
  startLine = opened.line;
  session = await hosted(createSession(opened, { warn() {} }));
});
afterAll(async () => {
  await session.close();
  await Promise.all(demos.map((demo) => demo.stop()));
  rmSync(directory, { recursive: true });
});

test("cluster is an argument of every tool, one of the names", async () => {
  const { tools } = await session.client.listTools();
  for (const { inputSchema } of tools) {
    expect(inputSchema.properties?.cluster).toEqual({ type: "string", enum: ["prod", "staging", "gone", "broken"] });
    expect(inputSchema.required ?? []).not.toContain("cluster");
  }
  expect((await session.call("get_job_status", { job_id: "web", cluster: "pord" })).text).toContain("cluster: ");
});

test("each call is answered by its cluster, and the answer says which", async () => {
  const asked = demos.map(({ requests }) => requests.length);
  const { text } = await session.call("list_nomad_jobs", {});
  expect(text).toMatch(/^Cluster prod:\n\d+ jobs/);
  expect(demos.map(({ requests }, index) => requests.length > (asked[index] ?? 0))).toEqual([false, true]);
  expect((await session.call("list_nomad_jobs", { cluster: "staging" })).text).toMatch(/^Cluster staging:\n\d+ jobs/);
});

test("a next step in another cluster than the default one names it", async () => {
  const { text } = await session.call("stop_job", { job_id: "checkout", cluster: "staging", wait_seconds: 0 });
  expect(text).toContain("cluster=staging");
});

describe("a cluster that is only read", () => {
  test("refuses what the others do", async () => {
    const { text, isError } = await session.call("stop_job", { job_id: "checkout" });
    expect(isError).toBe(true);
    expect(text).toMatch(/^Cluster prod:\nThis server is read-only \(.*config\.toml:6:1 clusters\.prod\.read_only\)/);
  });
});

describe("a cluster that fails leaves the others alone", () => {
  test("nobody answers", async () => {
    const { text, isError } = await session.call("list_nomad_jobs", { cluster: "gone" });
    expect(isError).toBe(true);
    expect(text).toMatch(/^Cluster gone:\n/);
    expect(text).toMatch(/Check \S+config\.toml:8:1 clusters\.gone\.address, that the Nomad agent runs/);
    expect((await session.call("list_nomad_jobs", {})).isError).toBe(false);
  });

  test("its settings cannot be used: said at the start and in the answer, with the place", async () => {
    const { text, isError } = await session.call("list_nomad_jobs", { cluster: "broken" });
    expect(isError).toBe(true);
    expect(text).toMatch(
      /^Cluster broken:\nCluster broken cannot be used: .*config\.toml:11:1 clusters\.broken\.ca_cert/,
    );
    expect(startLine).toContain("Cluster broken cannot be used");
  });
});

test("instructions name them all", () => {
  const text = session.client.getInstructions() ?? "";
  expect(text).toContain(`prod (${demos[1].address})`);
  expect(text).toContain("Further clusters, by the argument cluster: staging, gone and broken.");
});
