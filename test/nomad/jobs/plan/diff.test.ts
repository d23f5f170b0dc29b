import { expect, test } from "vitest";
import type { JobDiff } from "../../../../src/endpoints/job-diff.ts";
import { diffLines } from "../../../../src/nomad/jobs/plan/diff.ts";
import { createSecrets } from "../../../../src/secrets/secrets.ts";
import { secretAt } from "../../../support/raw/route-at.ts";
import { recorded } from "../../../support/recorded.ts";

const planned = (file: string) => recorded<{ Diff: JobDiff }>(`plan/${file}.json`).body.Diff;
const told = (diff: JobDiff, most?: number) => `\n${diffLines(diff, most).join("\n")}\n`;

test("every kind of block, in the words of a job file", () => {
  expect(told(planned("everything"), 100)).toMatchInlineSnapshot(`
    "
    meta team: shop -> cart
    priority: 50 -> 70
    datacenters: added dc2
    constraint: \${attr.kernel.name} = linux -> \${attr.kernel.name} = windows
    group api > count: 2 -> 3
    group api > restart > attempts: 2 -> 5
    group api > restart > interval: 30m -> 5m
    group api > update > max_parallel: 1 -> 2
    group api > update > min_healthy_time: 10s -> 20s
    group api > network > port http > to: 8080 -> 9090
    group api > service rich-api > tags: removed v1; added v2
    group api > service rich-api > check service: "rich-api" check > path: /health -> /ready
    group api > task server > env API_TOKEN = tok-12345 (added)
    group api > task server > env DB_PASSWORD: hunter2 -> hunter3
    group api > task server > env LOG_LEVEL: info -> debug
    group api > task server > env OLD = gone (removed)
    group api > task server > kill_timeout: 5s -> 30s
    group api > task server > resources > memory: 32 -> 64
    group api > task server > template local/app.conf > data: lines changed
      | - level = info
      | - host = db
      | - password = s3cr3t-one
      | + level = debug
      | + extra = 1
      | + host = db
      | + password = s3cr3t-two
    group api > task server > template local/c.conf > destination: local/b.conf -> local/c.conf
    group api > task side > config > args[1] --password: hunter2 -> hunter3
    group jobs added: count=2 and task sidecar
    group worker removed: count=1 and task w
    "
  `);
});

test("one changed field", () => {
  expect(diffLines(planned("does-not-fit"))).toEqual(["group api > task server > resources > memory: 32 -> 700000"]);
  expect(diffLines(planned("meta-change"))).toEqual(["meta team: shop -> cart"]);
});

test("a new job is its groups; what has not changed is nothing", () => {
  expect(diffLines(planned("new-job"))).toEqual(["group web added: count=2 and task nginx"]);
  expect(diffLines(planned("no-change"))).toEqual([]);
});

test("the neighbours of a job's versions", () => {
  const { Diffs } = recorded<{ Diffs: JobDiff[] }>("auto-revert/versions.json").body;
  expect(Diffs.map((diff) => diffLines(diff)[0])).toEqual([
    "group api > task server > env VERSION: 2 -> 1",
    "group api > task server > env VERSION: 1 -> 2",
  ]);
});

test("no more lines than asked for, and how many more there are", () => {
  const lines = diffLines(planned("everything"), 4);
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/^and \d+ lines more$/);
});

test("an object that is new or gone, without what is usual", () => {
  const field = (Name: string, New: string) => ({ Type: "Added" as const, Name, Old: "", New });
  const artifact = {
    Type: "Added" as const,
    Name: "Artifact",
    Fields: [
      field("GetterSource", "https://x.example/a.zip"),
      field("GetterInsecure", "false"),
      field("GetterMode", "any"),
    ],
    Objects: null,
  };
  const task = { Type: "Edited" as const, Name: "server", Fields: null, Objects: [artifact], Annotations: null };
  const group = { Type: "Edited" as const, Name: "api", Fields: null, Objects: null, Tasks: [task] };
  const diff = { Type: "Edited" as const, ID: "web", Fields: null, Objects: null, TaskGroups: [group] };
  expect(diffLines(diff)).toEqual(["group api > task server > artifact https://x.example/a.zip added: mode=any"]);
  const unseen = { ...diff, TaskGroups: [{ ...group, Tasks: [{ ...task, Objects: null }] }] };
  expect(diffLines(unseen)).toEqual([
    "group api > task server: changed in what Nomad's diff leaves out, such as lifecycle or restart",
  ]);
  expect(diffLines(unseen, 30, ["spread", "group api > task server > lifecycle"])).toEqual([
    "spread changed",
    "group api > task server > lifecycle changed",
  ]);
});

test("no secret of either side stays readable", () => {
  const secrets = createSecrets();
  const { body } = recorded<{ Diff: JobDiff }>("plan/everything.json");
  secrets.note({ secret: secretAt("/v1/job/plan-rich/plan") }, body);
  const masked = secrets.mask(diffLines(body.Diff, 100).join("\n"));
  for (const value of ["hunter2", "hunter3", "tok-12345", "s3cr3t-one", "s3cr3t-two"]) {
    expect(masked).not.toContain(value);
  }
  expect(masked).toContain("args[1] --password: [masked] -> [masked]");

  const key = (seed: string) =>
    `-----BEGIN PRIVATE KEY-----\n${`${seed}Zk3v9QmX2pL7wRt5`.repeat(4).slice(0, 64)}\n${`a8Yc${seed}4nBq1sDf`.repeat(6).slice(0, 64)}\n-----END PRIVATE KEY-----`;
  const [old, now] = [key("MIIEvQ"), key("MIIEwA")];
  const field = { Type: "Edited" as const, Name: "Env[TLS_KEY]", Old: old, New: now };
  const long = { Type: "Edited" as const, Name: "Env[SESSION_SECRET]", Old: "a1B2".repeat(80), New: "c3D4".repeat(90) };
  const task = { Type: "Edited" as const, Name: "t", Fields: [field, long], Objects: null, Annotations: null };
  const group = { Type: "Edited" as const, Name: "g", Fields: null, Objects: null, Tasks: [task] };
  const diff = { Type: "Edited" as const, ID: "x", Fields: null, Objects: null, TaskGroups: [group] };
  secrets.note({ secret: secretAt("/v1/job/x/plan") }, { Diff: diff });
  const told = secrets.mask(diffLines(diff).join("\n"));
  for (const line of [...old.split("\n"), ...now.split("\n")]) {
    if (!line.startsWith("-----")) expect(told).not.toContain(line);
  }
  expect(told).not.toMatch(/a1B2|c3D4/);
});
