// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { describe, expect, test } from "vitest";
import { address, type RecordedState, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

/** The answer about the job of a recorded folder, and its first two lines, where the cause has to be. */
async function status(folder: string, edit?: (state: RecordedState) => void) {
  const job = { job_id: "", namespace: "" };
  recordedNomad({
    job: folder,
    edit(state) {
      edit?.(state);
      Object.assign(job, { job_id: state.job.ID, namespace: state.job.Namespace });
    },
  });
  return await ask(job);
}

async function ask(args: Record<string, unknown>) {
  const session = await openSession({ address });
  const { text, isError } = await session.call("get_job_status", args);
  await session.close();
  return { text, isError, top: text.split("\n").slice(0, 2).join("\n") };
}

describe("a service that fails", () => {
  test("crash-loop: exit code, how often, how fast, the last lines of stderr", async () => {
    const { text, top } = await status("crash-loop");
    expect(top).toContain("crash looping");
    expect(top).toContain("exits with code 1, 3 times in 4s");
    expect(text).toContain("| FATAL: cannot reach database at db.internal:5432");
    // Nomad says "running" of the job, and its allocation of the moment does run.
    expect(top).not.toMatch(/: running/);
    expect(text).toMatchInlineSnapshot(`
      "crash-loop (service, namespace default): crash looping: 1 of 1 running, version 0 submitted 13s ago
      Why: worker[0] (b52436bc on dev-1): task worker exits with code 1, 3 times in 4s; runs again as 9330ddf8 since 3s
           last of its stderr (output of the workload):
           | FATAL: cannot reach database at db.internal:5432
      Next: get_job_logs job_id=crash-loop

      allocation  id        node   state    since
      worker[0]   9330ddf8  dev-1  running  3s"
    `);
  });

  test("oom: killed by signal 9, which Nomad does not call out of memory", async () => {
    const { text, top } = await status("oom");
    expect(top).toContain("dead");
    expect(top).toContain("killed by signal 9");
    expect(text).not.toMatch(/memory|oom.killed/i);
    expect(text).not.toContain("successful");
    // It logged nothing, so its log is no advice.
    expect(text).not.toMatch(/Next:.*logs/);
    expect(text).toMatchInlineSnapshot(`
      "oom (service, namespace default): dead: 0 of 1 running, version 0 submitted 6s ago
      Why: api[0] (ebdfcf9d on dev-1): task server was killed by signal 9 (exit code 137), 2 times in 2s; not started again: the group does not allow rescheduling
           (it logged nothing)
      Next: fix what makes it fail and submit_job_file (unchanged, it would not be started again)"
    `);
  });

  test("oom: out of memory where Nomad says so", async () => {
    const { top } = await status("oom", ({ allocations }) => {
      // Events carry oom_killed as text (nomad/structs, TaskEvent.SetOOMKilled).
      const events = allocations.flatMap(({ TaskStates }) =>
        Object.values(TaskStates ?? {}).flatMap((task) => task.Events ?? []),
      );
      for (const { Type, Details } of events) if (Type === "Terminated" && Details) Details.oom_killed = "true";
    });
    expect(top).toContain("ran out of memory");
  });

  test("deployment-lies: dead although the deployment is successful", async () => {
    const { text, top } = await status("deployment-lies");
    expect(top).toContain("dead");
    expect(top).toContain("exits with code 1");
    expect(text).toContain("| FATAL: cannot reach database at db.internal:5432");
    expect(text).not.toContain("successful");
    expect(text).not.toMatch(/: running|healthy/);
    expect(text).toMatchInlineSnapshot(`
      "deployment-lies (service, namespace default): dead: 0 of 1 running, version 0 submitted 5s ago
      Why: worker[0] (bc24d93f on dev-1): task worker exits with code 1; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | FATAL: cannot reach database at db.internal:5432
      Next: get_job_logs job_id=deployment-lies, or fix what makes it fail and submit_job_file (unchanged, it would not be started again)"
    `);
  });

  test("start-error: what the driver said", async () => {
    const { text, top } = await status("start-error");
    expect(top).toContain("image pull failed: registry.example/app:9.9 not found");
    // It never ran: there is no log to send anybody to.
    expect(text).not.toMatch(/logs|stderr/);
    expect(text).toMatchInlineSnapshot(`
      "start-error (service, namespace default): failed: the deployment of version 0 failed 2s ago (unhealthy allocations): 0 of 1 running
      Why: api[0] (cbd0ad7d on dev-1): task server cannot be started: image pull failed: registry.example/app:9.9 not found; not started again, since its deployment has failed
      Next: make the image available to dev-1: its name and tag, the registry, the login there, then submit_job_file with any change of the group"
    `);
  });
});

describe("an update that fails", () => {
  test("failed-update: which version failed, why, which version ran before", async () => {
    const { text, top } = await status("failed-update");
    expect(top).toContain("version 1");
    expect(top).toContain("failed");
    expect(top).toContain("image pull failed");
    expect(top).toContain("version 0 ran before");
    expect(text).toContain("revert_job job_id=failed-update version=0");
    expect(text).toMatchInlineSnapshot(`
      "failed-update (service, namespace default): failed: the deployment of version 1 failed 2s ago (unhealthy allocations): 0 of 1 running; version 0 ran before
      Why: api[0] (f4d9576e on dev-1): task server cannot be started: image pull failed: registry.example/app:9.9 not found; not started again, since its deployment has failed
      Next: revert_job job_id=failed-update version=0, or make the image available to dev-1: its name and tag, the registry, the login there, then submit_job_file with any change of the group"
    `);
  });

  test("auto-revert: rolled back, and why", async () => {
    const { text, top } = await status("auto-revert");
    expect(top).toContain("rolled back");
    expect(top).toMatch(/version 1 failed/);
    expect(top).toMatch(/version 0/);
    expect(top).toContain("image pull failed");
    expect(text).toContain("1 of 1 healthy");
    // The version that failed failed once: nothing loops.
    expect(text).not.toContain("crash looping");
    expect(text).toMatchInlineSnapshot(`
      "auto-revert (service, namespace default): rolled back: version 1 failed 6s ago, version 0 runs again as version 2: 1 of 1 healthy
      Why: api[0] (76d07b8b on dev-1) of version 1: task server cannot be started: image pull failed: registry.example/app:9.9 not found
      Next: make the image available to dev-1: its name and tag, the registry, the login there, then submit_job_file with any change of the group

      allocation  id        node   state    since
      api[0]      9eb8b0a7  dev-1  running  6s"
    `);
  });

  test("canary-waiting: for a promotion, with the call", async () => {
    const { text, top } = await status("canary-waiting");
    expect(top).toContain("waiting for promotion");
    expect(top).toContain("version 1");
    expect(text).toContain("promote_deployment deployment_id=ec2d7549");
    expect(text).toMatchInlineSnapshot(`
      "canary (service, namespace default): waiting for promotion: 1 of 1 canary of version 1 healthy; 2 allocations of version 0 run on
      Next: promote_deployment deployment_id=ec2d7549, or fail_deployment deployment_id=ec2d7549

      allocation  id        node   state               since
      api[0]      ea5c67cc  dev-1  running, canary     4s
      api[0]      4cb191f9  dev-1  running, version 0  7s
      api[1]      5c2a9d21  dev-1  running, version 0  7s"
    `);
  });
});

describe("a service that is not placed", () => {
  // Nomad's own status of every one of these jobs is "running".
  const notPlaced = async (folder: string) => {
    const answer = await status(folder);
    expect(answer.top).toContain("not placed");
    expect(answer.top).not.toMatch(/: running/);
    return answer;
  };

  test("windows-only: the constraint", async () => {
    const { text, top } = await notPlaced("windows-only");
    expect(top).toContain("${attr.kernel.name} = windows");
    expect(text).toMatchInlineSnapshot(`
      "windows-only (service, namespace default): not placed: 0 of 1 running, version 0 submitted 2s ago
      Why: the constraint \${attr.kernel.name} = windows rules out 1 of 1 node: nodes have linux
      Next: change or drop the constraint \${attr.kernel.name} = windows, or add a node that meets it"
    `);
  });

  test("too-big: what it asks for, and the largest node", async () => {
    const { text, top } = await notPlaced("too-big");
    expect(top).toContain("900,000 MB of memory");
    expect(top).toContain("8,192 MB");
    expect(top).not.toContain("1 of 1 node are");
    expect(text).toMatchInlineSnapshot(`
      "too-big (service, namespace default): not placed: 0 of 1 running, version 0 submitted 2s ago
      Why: no node has 900,000 MB of memory for task server; 1 of 1 node is too small, the largest has 8,192 MB
      Next: ask for less than 8,192 MB, or add a larger node"
    `);
  });

  test("no-driver: the driver's name", async () => {
    const { text, top } = await notPlaced("no-driver");
    expect(top).toContain("podman");
    expect(text).toMatchInlineSnapshot(`
      "no-driver (service, namespace default): not placed: 0 of 1 running, version 0 submitted 2s ago
      Why: the driver podman is missing or unhealthy on 1 of 1 node; there are mock_driver and raw_exec
      Next: use another driver, or get podman running on a node"
    `);
  });

  test("wrong-dc: where nodes are", async () => {
    const { text, top } = await notPlaced("wrong-dc");
    expect(top).toContain("dc-nowhere");
    expect(top).toContain("dc1");
    expect(text).toMatchInlineSnapshot(`
      "wrong-dc (service, namespace default): not placed: 0 of 1 running, version 0 submitted 2s ago
      Why: no node in datacenter dc-nowhere; ready nodes are in dc1
      Next: set datacenters to dc1"
    `);
  });

  test("port-clash: the port, and how many run all the same", async () => {
    const { text, top } = await notPlaced("port-clash");
    expect(top).toContain("28090");
    expect(top).toContain("2 of 3");
    expect(text).toMatchInlineSnapshot(`
      "port-clash (service, namespace default): degraded: 2 of 3 healthy, 1 not placed, version 0 submitted 5s ago
      Why: port 28090 (http) is taken on 1 of 1 node
      Next: use a dynamic port for http, or lower the count

      allocation  id        node   state    since
      api[0]      c9d97874  dev-1  running  5s
      api[1]      fe0d23e6  dev-1  running  5s"
    `);
  });
});

describe("jobs that end", () => {
  test("batch-fail: exit code and log", async () => {
    const { text, top } = await status("batch-fail");
    expect(top).toContain("failed");
    expect(top).toContain("exits with code 3");
    expect(text).toContain("| Traceback: ValueError: bad input row 17");
    expect(text).toMatchInlineSnapshot(`
      "batch-fail (batch, namespace default): failed: 0 of 1 finished, version 0 submitted 5s ago
      Why: once[0] (bb465565 on dev-1): task once exits with code 3, 2 times in 2s; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | Traceback: ValueError: bad input row 17
      Next: get_job_logs job_id=batch-fail, or to run it again: stop_job job_id=batch-fail, then start_job job_id=batch-fail"
    `);
  });

  test("batch-ok: complete, not dead", async () => {
    const { text, top } = await status("batch-ok");
    expect(top).toContain("complete");
    expect(text).not.toMatch(/dead|failed|Why|Next/);
    expect(text).toMatchInlineSnapshot(`
      "batch-ok (batch, namespace default): complete: 1 of 1 finished, version 0 submitted 4s ago

      allocation  id        node   state     since
      once[0]     e4b43979  dev-1  complete  4s"
    `);
  });

  test("nightly: next launch and last result", async () => {
    // A plan answers with the time in Go's form; seen on a real agent for the same schedule.
    const { text, top } = await status("nightly", (state) => {
      state.nextLaunch = "2026-11-21T03:00:00Z";
    });
    expect(top).toContain("2026-11-21T03:00:00Z");
    expect(top).toMatch(/last run \S+ finished/);
    expect(text).toMatchInlineSnapshot(
      `"nightly (periodic batch, namespace default): waiting: next launch in 7h10m (2026-11-21T03:00:00Z), cron "0 3 * * *" UTC; last run nightly/periodic-1795204142 finished, started 3s ago, version 0"`,
    );
  });

  test("nightly: the schedule where the next launch is not to be had", async () => {
    const { top } = await status("nightly");
    expect(top).toContain('cron "0 3 * * *"');
    expect(top).not.toContain("next launch");
  });

  test("resize: how it is run, and its last run", async () => {
    const { text, top } = await status("resize");
    expect(top).toContain("parameterized");
    expect(top).toContain("image_id");
    expect(text).toMatchInlineSnapshot(
      `"resize (parameterized batch, namespace default): waiting: parameterized, runs when dispatched with meta image_id (dispatch_job job_id=resize); last run resize/dispatch-1795204142-7b3bc30f finished, started 3s ago, version 0"`,
    );
  });

  test("stop: stopped by somebody, which is no failure", async () => {
    const { text, top } = await status("stop");
    expect(top).toContain("stopped");
    expect(text).not.toMatch(/dead|failed|since \d+\w+ ago/);
    expect(text).toMatchInlineSnapshot(`
      "hello (service, namespace prod): stopped 2s ago: nothing of it runs
      Next: start_job job_id=hello namespace=prod"
    `);
  });
});

describe("jobs that run", () => {
  test("web: healthy, in one line", async () => {
    const { text, top } = await status("web");
    expect(top).toContain("running: 3 of 3 healthy");
    expect(text).not.toMatch(/Why|Next/);
    expect(text).toMatchInlineSnapshot(`
      "web (service, namespace default): running: 3 of 3 healthy (no check: ran for 1s), version 0 submitted 5s ago

      allocation  id        node   state    since
      api[0]      cd34150a  dev-1  running  5s
      api[1]      8481265a  dev-1  running  5s
      api[2]      d43f2a12  dev-1  running  5s"
    `);
  });

  test("multi: its deployment goes on", async () => {
    const { text, top } = await status("multi");
    expect(top).toContain("deploying");
    // The prestart task has ended, as it should.
    expect(text).not.toMatch(/Why|dead/);
    expect(text).toMatchInlineSnapshot(`
      "multi (service, namespace default): deploying: 1 of 1 healthy, version 0 submitted 5s ago

      allocation  id        node   state    since
      app[0]      829a41c8  dev-1  running  5s"
    `);
  });

  test("agent-log: a system job counts nodes", async () => {
    const { text, top } = await status("agent-log");
    expect(top).toContain("1 of 1 node");
    expect(text).not.toMatch(/Why/);
    expect(text).toMatchInlineSnapshot(`
      "agent-log (system, namespace default): deploying: 1 of 1 node running, version 0 submitted 3s ago

      allocation  id        node   state    since
      ship[0]     9ff18690  dev-1  running  3s"
    `);
  });
});

describe("a job that is not there", () => {
  test("the nearest names", async () => {
    recordedNomad({ job: "web" });
    const { text, isError } = await ask({ job_id: "crush-loop" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"There is no job "crush-loop" in namespace default. Nearest: crash-loop."`);
  });

  test("nothing near", async () => {
    recordedNomad({ job: "web" });
    const { text, isError } = await ask({ job_id: "payments" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"There is no job "payments" in namespace default. If there was one, Nomad has deleted it since it ended (after job_gc_threshold, usually 4h, or by a collection of garbage). list_nomad_jobs shows what there is."`,
    );
  });

  test("in another namespace: answered, and said", async () => {
    recordedNomad({ job: "stop" });
    const { text, isError } = await ask({ job_id: "hello" });
    expect(isError).toBe(false);
    expect(text.split("\n")[0]).toContain("namespace prod");
    expect(text).toMatchInlineSnapshot(`
      "(hello is in namespace prod, not in default)
      hello (service, namespace prod): stopped 2s ago: nothing of it runs
      Next: start_job job_id=hello namespace=prod"
    `);
  });

  test("a unique beginning: answered, and said", async () => {
    recordedNomad({ job: "web" });
    const { text, isError } = await ask({ job_id: "we" });
    expect(isError).toBe(false);
    expect(text.split("\n")[0]).toContain("we taken as web");
  });

  test("wherever it is", async () => {
    recordedNomad({ job: "stop" });
    const { text } = await ask({ job_id: "hello", namespace: "*" });
    expect(text).toContain("hello (service, namespace prod)");
  });
});
