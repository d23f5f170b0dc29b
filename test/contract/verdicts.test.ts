import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import {
  ending,
  failing,
  failingAtOnce,
  neverRescheduled,
  noDeployment,
  noRestart,
  nowhere,
  quickDeployment,
  rescheduledLater,
} from "./support/jobs.ts";

interface Case {
  readonly config?: object;
  readonly group?: object;
  readonly job?: object;
  readonly wait_seconds?: number;
  /** What the answer of the submit says behind "created (namespace default); ". */
  readonly verdict: RegExp;
  /** What both it and get_job_status say, too. */
  readonly says: readonly RegExp[];
}

const api = /api\[0\] \([0-9a-f]{8} on \S+\)/.source;
const batch = { Type: "batch" };
const task = (Name: string, Config: object, more: object = {}) => ({ Name, Driver: "mock_driver", Config, ...more });

const cases: Readonly<Record<string, Case>> = {
  runs: {
    group: { Count: 2, ...quickDeployment },
    verdict: /^running: 2 of 2 healthy/,
    says: [],
  },
  "crash-loop": {
    config: failing,
    group: { ...noDeployment, RestartPolicy: { Attempts: 5, Interval: 300e9, Delay: 1e9, Mode: "fail" } },
    verdict: /^crash looping: ([01] of 1 (running|healthy)|1 of 1)/,
    says: [new RegExp(`^Why: ${api}: task server exits with code 3, `, "m"), /^ +\| no database$/m],
  },
  dead: {
    config: failing,
    group: { ...noRestart, ...noDeployment, ...neverRescheduled },
    verdict: /^dead: 0 of 1 running/,
    says: [
      new RegExp(
        `^Why: ${api}: task server exits with code 3; not started again: the group does not allow rescheduling`,
        "m",
      ),
      /^ +\| no database$/m,
    ],
  },
  delayed: {
    config: failing,
    group: { ...noRestart, ...noDeployment, ...rescheduledLater },
    wait_seconds: 10,
    verdict: /waiting\b/,
    says: [new RegExp(`${api}: task server exits with code 3; next attempt in (9m|10m)`)],
  },
  "start-error": {
    config: { start_error: "no such image" },
    group: { ...noRestart, ...noDeployment, ...neverRescheduled },
    verdict: /^dead: 0 of 1 running/,
    says: [/task server cannot be started: .*no such image/],
  },
  killed: {
    config: { run_for: "1s", exit_code: 137, exit_signal: 9 },
    group: { ...noRestart, ...noDeployment, ...neverRescheduled },
    verdict: /^dead: 0 of 1 running/,
    says: [/task server was killed by signal 9 \(exit code 137\)/],
  },
  "batch-ok": { config: ending, job: batch, verdict: /^complete: 1 of 1 finished/, says: [] },
  "batch-fail": {
    config: failing,
    group: { ...noRestart, ...neverRescheduled },
    job: batch,
    verdict: /^failed: 0 of 1 finished/,
    says: [
      /task server exits with code 3; not started again: the group does not allow rescheduling/,
      /^ +\| no database$/m,
    ],
  },
  constraint: {
    group: nowhere,
    verdict: /^not placed: 0 of 1 running/,
    says: [/^Why: the constraint \$\{attr\.kernel\.name\} = plan9 rules out (\d+) of \1 nodes?/m],
  },
  datacenter: {
    job: { Datacenters: ["contract-none"] },
    verdict: /^not placed: 0 of 1 running/,
    says: [/^Why: no node in datacenter contract-none; ready nodes are in /m, /^Next: set datacenters to /m],
  },
  driver: {
    group: { Tasks: [{ Name: "server", Driver: "nosuch" }] },
    verdict: /^not placed: 0 of 1 running/,
    says: [/^Why: the driver nosuch is missing or unhealthy on (\d+) of \1 nodes?/m],
  },
  cpu: {
    group: { Tasks: [task("server", {}, { Resources: { CPU: 900_000 } })] },
    verdict: /^not placed: 0 of 1 running/,
    says: [/^Why: no node has 900,000 MHz of CPU for task server; /m],
  },
  nightly: {
    config: ending,
    job: { ...batch, Periodic: { Enabled: true, SpecType: "cron", Specs: ["0 2 1 1 *"], TimeZone: "UTC" } },
    verdict: /^registered: next launch in \d+d.* \(\d{4}-01-01T02:00:00Z\), cron "0 2 1 1 \*" UTC; no run is kept/,
    says: [],
  },
  parameterized: {
    job: { ...batch, ParameterizedJob: { Payload: "forbidden", MetaRequired: ["who"] } },
    verdict: /^registered: parameterized, runs when dispatched with meta who/,
    says: [],
  },
  prestart: {
    group: {
      ...noDeployment,
      Tasks: [task("init", { run_for: "1h" }, { Lifecycle: { Hook: "prestart" } }), task("server", { run_for: "1h" })],
    },
    wait_seconds: 12,
    verdict: /waiting\b/,
    says: [/task server waits for task init, which has been running for /],
  },
  scaled: { group: { Count: 0 }, verdict: /^scaled to 0: nothing of it should run/, says: [] },
};

contract("the cause stands in the first answer", (test) => {
  for (const [name, { config = {}, group = {}, job = {}, wait_seconds = 30, verdict, says }] of Object.entries(cases)) {
    test(name, async ({ nomad }) => {
      const job_id = nomad.id(name);
      const job_file = JSON.stringify({ Job: mockJob(job_id, config, group, job) });
      const submitted = await nomad.tell("submit_job_file", { job_file, wait_seconds });
      const begin = `${job_id} created (namespace default); `;
      expect(submitted.slice(0, begin.length)).toBe(begin);
      expect(submitted.slice(begin.length)).toMatch(verdict);
      const status = await nomad.tell("get_job_status", { job_id });
      for (const answer of [submitted, status]) for (const words of says) expect(answer).toMatch(words);
    });
  }

  test("a failed update", async ({ nomad }) => {
    const job_id = nomad.id("update");
    const job = (config: object) =>
      JSON.stringify(mockJob(job_id, config, { ...quickDeployment, ...noRestart, ...neverRescheduled }));
    await nomad.tell("submit_job_file", { job_file: job({}) });
    const failed = await nomad.tell("submit_job_file", { job_file: job(failingAtOnce) });
    expect(failed).toMatch(/updated to version 1 \(namespace default\); failed/);
    for (const answer of [failed, await nomad.tell("get_job_status", { job_id })]) {
      expect(answer).toMatch(
        /failed\b.*: the deployment of version 1 .*failed .*\(unhealthy allocations\): 0 of 1 running; version 0 ran before/,
      );
      expect(answer).toMatch(
        /task server exits with code 3; not started again, since its deployment has failed\n[\s\S]*\| no database/,
      );
    }
    expect(await nomad.tell("force_evaluate_job", { job_id })).toMatch(
      /nothing was placed, since (the deployment of version 1 has failed|group api may not be rescheduled)/,
    );
    expect(await nomad.tell("submit_job_file", { job_file: job({}) })).toMatch(
      /updated to version 2 .*running: 1 of 1 healthy/,
    );
  });

  test("a system job", async ({ nomad }) => {
    const { Datacenters, count } = await nomad.oneNode();
    const job_id = nomad.id("system");
    const job_file = JSON.stringify(mockJob(job_id, {}, quickDeployment, { Type: "system", Datacenters }));
    expect(await nomad.tell("submit_job_file", { job_file })).toMatch(
      new RegExp(`running: ${count} of ${count} nodes? healthy`),
    );
    const elsewhere = JSON.stringify(mockJob(nomad.id("system-none"), {}, nowhere, { Type: "system", Datacenters }));
    expect(await nomad.tell("submit_job_file", { job_file: elsewhere })).toMatch(
      /not placed: [\s\S]*constraint \$\{attr\.kernel\.name\} = plan9/,
    );
  });
});
