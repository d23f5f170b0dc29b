import { expect } from "vitest";
import type { JobDiff } from "../../src/endpoints/job-diff.ts";
import { diffLines } from "../../src/nomad/jobs/plan/diff.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";

const task = (config: object, more: object = {}) => ({
  Name: "server",
  Driver: "mock_driver",
  Config: { run_for: "1h", ...config },
  Resources: { CPU: 20, MemoryMB: 16 },
  ...more,
});

const before = {
  Count: 2,
  Networks: [{ DynamicPorts: [{ Label: "http", To: 8080 }] }],
  Services: [{ Name: "diffed", PortLabel: "http", Provider: "nomad", Tags: ["v1", "blue"] }],
  Update: { MaxParallel: 1, MinHealthyTime: 1e8 },
  Tasks: [
    task(
      { stdout_string: "one" },
      {
        Env: { LEVEL: "info", GONE: "x" },
        Templates: [{ DestPath: "local/a.conf", EmbeddedTmpl: "a = 1\nb = 2\n" }],
      },
    ),
  ],
};

const after = {
  ...before,
  Count: 3,
  Networks: [{ DynamicPorts: [{ Label: "http", To: 9090 }] }],
  Services: [{ Name: "diffed", PortLabel: "http", Provider: "nomad", Tags: ["v2", "blue"] }],
  Update: { MaxParallel: 2, MinHealthyTime: 1e8 },
  Tasks: [
    task(
      { stdout_string: "two", stdout_repeat: 2 },
      {
        Env: { LEVEL: "debug", NEW: "y" },
        KillTimeout: 9e9,
        Templates: [{ DestPath: "local/a.conf", EmbeddedTmpl: "a = 1\nb = 3\n" }],
        Resources: { CPU: 20, MemoryMB: 32 },
      },
    ),
  ],
};

const different = `
meta team = shop (added)
datacenters: removed *; added dc1
constraint \${attr.kernel.name} = linux (added)
group api > count: 2 -> 3
group api > update > max_parallel: 1 -> 2
group api > network > port http > to: 8080 -> 9090
group api > service diffed > tags: removed v1; added v2
group api > task server > env GONE = x (removed)
group api > task server > env LEVEL: info -> debug
group api > task server > env NEW = y (added)
group api > task server > kill_timeout: 5s -> 9s
group api > task server > config > stdout_repeat = 2 (added)
group api > task server > config > stdout_string: one -> two
group api > task server > resources > memory: 16 -> 32
group api > task server > template local/a.conf > data: lines changed
  | - b = 2
  | + b = 3`;

contract("what differs", (test) => {
  test("between a job and a plan, and between two versions", async ({ nomad }) => {
    const id = nomad.id("diff");
    const first = mockJob(id, {}, before);
    const second = mockJob(id, {}, after, {
      Datacenters: ["dc1"],
      Meta: { team: "shop" },
      Constraints: [{ LTarget: `\${attr.kernel.name}`, RTarget: "linux", Operand: "=" }],
    });
    const plan = async (job: object) =>
      (await nomad.ask<{ Diff: JobDiff }>("POST", `/v1/job/${id}/plan`, { body: { Job: job, Diff: true } })).Diff;

    const fresh = await plan(first);
    expect([fresh.Type, diffLines(fresh)]).toEqual(["Added", ["group api added: count=2 and task server"]]);
    await nomad.submit(first);
    const same = await plan(first);
    expect([same.Type, diffLines(same)]).toEqual(["None", []]);

    const changed = await plan(second);
    expect([changed.Type, `\n${diffLines(changed).join("\n")}`]).toEqual(["Edited", different]);
    expect(changed.TaskGroups?.[0]).toMatchObject({
      Type: "Edited",
      Tasks: [{ Type: "Edited", Annotations: ["forces create/destroy update"] }],
    });

    await nomad.submit(second);
    const { Diffs } = await nomad.get<{ Diffs: JobDiff[] }>(`/v1/job/${id}/versions`, { diffs: true });
    expect(Diffs.map((diff) => `\n${diffLines(diff).join("\n")}`)).toEqual([different]);
  });
});
