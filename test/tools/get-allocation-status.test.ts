import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import { event, exited, first, goTime, onlyGroup, task } from "../support/edit.ts";
import { address, recorded } from "../support/recorded.ts";
import { recordedAllocations } from "../support/recorded-allocation.ts";
import { openSession } from "../support/session.ts";

async function status(args: Record<string, unknown>) {
  const session = await openSession({ address });
  const answer = await session.call("get_allocation_status", args);
  await session.close();
  return answer;
}

const unmeasured = { Tasks: {}, Timestamp: 0 };
const stats = (body: unknown) =>
  http.get(`${address}/v1/client/allocation/:id/stats`, () => HttpResponse.json(body as object));

describe("one allocation", () => {
  test("that runs: ports, resources asked and used", async () => {
    const usage = {
      MemoryStats: { RSS: 30 * 1024 ** 2, Usage: 0, Measured: ["RSS"] },
      CpuStats: { TotalTicks: 12.4, Measured: ["Percent"] },
    };
    recordedAllocations({
      job: "web",
      edit({ allocations }) {
        const { AllocatedResources } = recorded<{ AllocatedResources: object }>("web/allocation.json").body;
        for (const each of allocations) Object.assign(each, { AllocatedResources });
      },
      extra: [stats({ Tasks: { server: { ResourceUsage: usage } } })],
    });
    expect((await status({ allocation_id: "d43f2a12" })).text).toMatchInlineSnapshot(`
      "web: api[2] (d43f2a12 on dev-1) is running and healthy
      group api, version 0, placed 5s ago

      task    state           cpu MHz used  memory MB used
      server  running for 5s  12 of 50      30 of 32

      Ports: http 127.0.0.1:26462"
    `);
  });

  test("that failed and was replaced", async () => {
    recordedAllocations({ job: "crash-loop" });
    expect((await status({ allocation_id: "b52436bc" })).text).toMatchInlineSnapshot(`
      "crash-loop: worker[0] (b52436bc on dev-1) failed 8s ago: task worker exits with code 1, 3 times in 4s
      group worker, version 0, placed 13s ago
      replaced by 9330ddf8

      task    state          restarts
      worker  failed 8s ago  2

      Last events of task worker:
        10s ago: exits with code 1
        10s ago: restarting in 1s
        9s ago: started
        8s ago: exits with code 1
        8s ago: Not Restarting: Exceeded allowed attempts 2 in interval 5m0s and mode is "fail"

      Next: get_job_logs allocation_id=b52436bc"
    `);
  });

  test("that replaces one and may fail as well", async () => {
    recordedAllocations({ job: "crash-loop", extra: [stats(unmeasured)] });
    expect((await status({ allocation_id: "9330ddf8", job_id: "crash-loop" })).text).toMatchInlineSnapshot(`
      "crash-loop: worker[0] (9330ddf8 on dev-1) is running
      group worker, version 0, placed 3s ago
      attempt 2, replaces b52436bc

      task    state
      worker  running for 3s
      Left out: resource use (not measured; as a rule: telemetry { publish_allocation_metrics = true } is not in the client's configuration)"
    `);
  });

  test("killed by a signal, which Nomad does not call out of memory", async () => {
    recordedAllocations({ job: "oom" });
    const { text } = await status({ allocation_id: "ebdfcf9d" });
    expect(text).not.toMatch(/out of memory/i);
    expect(text).toMatchInlineSnapshot(`
      "oom: api[0] (ebdfcf9d on dev-1) failed 2s ago: task server was killed by signal 9 (exit code 137), 2 times in 2s
      group api, version 0, placed 6s ago

      task    state          restarts
      server  failed 2s ago  1

      Last events of task server:
        4s ago: was killed by signal 9 (exit code 137)
        4s ago: restarting in 1s
        3s ago: started
        2s ago: was killed by signal 9 (exit code 137)
        2s ago: Not Restarting: Exceeded allowed attempts 1 in interval 5m0s and mode is "fail"

      Next: get_job_logs allocation_id=ebdfcf9d"
    `);
  });

  test("killed for memory, where Nomad says so", async () => {
    recordedAllocations({
      job: "oom",
      edit(state) {
        const events = first(state.allocations).TaskStates?.server?.Events ?? [];
        for (const each of events) if (each.Details?.oom_killed) each.Details.oom_killed = "true";
      },
    });
    expect((await status({ allocation_id: "ebdfcf9d" })).text).toContain("ran out of memory");
  });

  test("one of whose tasks crashes beside a healthy one", async () => {
    recordedAllocations({
      job: "multi",
      edit(state) {
        const states = first(state.allocations).TaskStates ?? {};
        const details = { start_delay: "15000000000", restart_reason: "Restart within policy" };
        states.proxy = task({
          Restarts: 4,
          StartedAt: goTime(state, 6),
          Events: [
            event(state, 6, "Started", ""),
            exited(state, 3, 3),
            event(state, 3, "Restarting", "Task restarting in 15s", details),
          ],
        });
      },
      extra: [stats(unmeasured)],
    });
    expect((await status({ allocation_id: "829a41c8" })).text).toMatchInlineSnapshot(`
      "multi: app[0] (829a41c8 on dev-1) is running, but task proxy exits with code 3, 4 times in 5s, next start in 12s
      group app, version 0, placed 5s ago

      task   kind               state                  restarts
      init   prestart           ended 4s ago
      app                       running for 4s
      proxy  poststart sidecar  waits for its restart  4

      Last events of task proxy:
        6s ago: started
        3s ago: exits with code 3
        3s ago: restarting in 15s
      Left out: resource use (not measured; as a rule: telemetry { publish_allocation_metrics = true } is not in the client's configuration)
      Next: get_job_logs allocation_id=829a41c8"
    `);
  });

  test("that failed and waits for its next attempt: only while that is planned", async () => {
    const id = "5da29d74-8269-9d3c-f5c5-1db8a896568f";
    const planned = { ID: id, Status: "pending", WaitUntil: "" };
    recordedAllocations({
      job: "crash-loop",
      edit(state) {
        planned.WaitUntil = goTime(state, -25);
        const allocation = state.allocations.find(({ ID }) => ID.startsWith("b52436bc"));
        Object.assign(allocation ?? {}, { DesiredStatus: "run", NextAllocation: "", FollowupEvalID: id });
      },
      extra: [http.get(`${address}/v1/evaluation/${id}`, () => HttpResponse.json(planned))],
    });
    expect((await status({ allocation_id: "b52436bc" })).text).toContain("next attempt in 25s");
    planned.Status = "complete";
    expect((await status({ allocation_id: "b52436bc" })).text).not.toContain("next attempt");
  });

  test("whose check fails", async () => {
    const check = {
      ...{ Check: "alive", Service: "web-http", Mode: "healthiness", Status: "failure", StatusCode: 503 },
      Output: "nomad: http error\n\u001b[31mdatabase away",
    };
    recordedAllocations({
      job: "web",
      edit(state) {
        onlyGroup(state).group.Services = [
          { Name: "web-http", Provider: "nomad", Checks: [{ Name: "alive", Type: "http" }] },
        ];
        for (const each of state.allocations) {
          state.checks[each.ID] = { a: check, b: { ...check, Check: "ready", Status: "success" } };
          Object.assign(each, { DeploymentStatus: { Healthy: false, Canary: false, Timestamp: "" } });
        }
      },
      extra: [stats(unmeasured)],
    });
    expect((await status({ allocation_id: "d43f2a12" })).text).toMatchInlineSnapshot(`
      "web: api[2] (d43f2a12 on dev-1) is running but not healthy
      group api, version 0, placed 5s ago

      task    state
      server  running for 5s

      Checks: 1 failing, 1 passing
        alive of service web-http: nomad: http error database away
      Left out: resource use (not measured; as a rule: telemetry { publish_allocation_metrics = true } is not in the client's configuration)
      Next: get_job_logs allocation_id=d43f2a12"
    `);
  });

  test("whose checks are Consul's", async () => {
    recordedAllocations({
      job: "web",
      edit: (state) => {
        onlyGroup(state).group.Services = [
          { Name: "web-http", Provider: "consul", Checks: [{ Name: "alive", Type: "http" }] },
        ];
      },
      extra: [stats(unmeasured)],
    });
    expect((await status({ allocation_id: "d43f2a12" })).text).toContain("Checks in Consul are not visible here.");
  });

  test("on a node that does not answer: without its extras, in two seconds", async () => {
    const began = performance.now();
    recordedAllocations({
      job: "web",
      extra: [http.get(`${address}/v1/client/allocation/:id/stats`, () => new Promise<undefined>(() => {}))],
    });
    expect((await status({ allocation_id: "d43f2a12" })).text).toContain(
      "Left out: resource use (no answer within 2 s)",
    );
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  test("never shows what its job keeps secret", async () => {
    recordedAllocations({
      job: "web",
      edit: (state) =>
        void Object.assign(onlyGroup(state).task, {
          Env: { DB_PASSWORD: "hunter2" },
          Templates: [{ EmbeddedTmpl: "hunter2" }],
        }),
      extra: [stats(unmeasured)],
    });
    expect((await status({ allocation_id: "d43f2a12" })).text).not.toContain("hunter2");
  });
});

describe("the allocations of a job", () => {
  test("what should run before what has ended", async () => {
    recordedAllocations({ job: "crash-loop" });
    expect((await status({ job_id: "crash-loop" })).text).toMatchInlineSnapshot(`
      "crash-loop: 1 current allocation (1 running); 1 earlier allocation (1 failed)

      id        allocation  node   version  state    age  what
      9330ddf8  worker[0]   dev-1  0        running  3s
      b52436bc  worker[0]   dev-1  0        failed   13s  task worker exits with code 1, 3 times in 4s

      Next: get_allocation_status allocation_id=b52436bc"
    `);
  });

  test("troubled first, though others are newer", async () => {
    recordedAllocations({
      job: "web",
      edit(state) {
        const [oldest] = state.allocations;
        const failed = task({
          State: "dead",
          Failed: true,
          FinishedAt: goTime(state, 1),
          Events: [exited(state, 1, 7)],
        });
        Object.assign(oldest ?? {}, { ClientStatus: "failed", TaskStates: { server: failed } });
      },
    });
    expect((await status({ job_id: "web", limit: 2 })).text).toMatchInlineSnapshot(`
      "web: 2 current allocations (1 failed and 1 running), more follow

      id        allocation  node   version  state    age  what
      8481265a  api[1]      dev-1  0        failed   5s   task server exits with code 7
      d43f2a12  api[2]      dev-1  0        running  5s

      Next: get_allocation_status allocation_id=8481265a, or cursor=current||d43f2a12 goes on; status= and group= narrow it"
    `);
  });

  test("of one status, which may be none", async () => {
    recordedAllocations({ job: "web" });
    expect((await status({ job_id: "web", status: "failed", group: "api" })).text).toMatchInlineSnapshot(
      `"web has no allocation in group api with status failed; its group is api."`,
    );
  });

  test("a thousand dead ones cost no more than twenty", async () => {
    const { seen } = recordedAllocations({
      job: "crash-loop",
      edit({ allocations }) {
        const dead = allocations.filter(({ ClientStatus }) => ClientStatus === "failed");
        for (let n = 0; n < 1_000; n++) {
          const each = first(dead);
          const ID = `${String(n).padStart(8, "0")}${each.ID.slice(8)}`;
          allocations.push({ ...each, ID, CreateIndex: each.CreateIndex - 1 });
        }
      },
    });
    const { text } = await status({ job_id: "crash-loop" });
    expect(text.split("\n")[0]).toMatchInlineSnapshot(
      `"crash-loop: 1 current allocation (1 running); 19 earlier allocations (19 failed), more follow"`,
    );
    expect(text.replace(/(\d+[dhms])+ to (\d+[dhms])+/, "<ages>")).toMatchInlineSnapshot(`
      "crash-loop: 1 current allocation (1 running); 19 earlier allocations (19 failed), more follow

      id        allocation            node   version  state    age  what
      9330ddf8  worker[0]             dev-1  0        running  3s
      b52436bc  worker[0] (2 times)   dev-1  0        failed   13s  task worker exits with code 1, 3 times in 4s
      00000998  worker[0] (17 times)  dev-1  0        failed   13s  Failed tasks

      Next: get_allocation_status allocation_id=b52436bc, or cursor=ended||00000982 goes on; status= and group= narrow it"
    `);
    expect(seen.reduce((total, { answered }) => total + answered, 0)).toBeLessThan(100_000);
  });

  test("a cursor goes through all of them, each told once, whatever their trouble", async () => {
    recordedAllocations({
      job: "crash-loop",
      edit({ allocations, job }) {
        const [running] = allocations.filter(({ ClientStatus }) => ClientStatus === "running");
        const [failed] = allocations.filter(({ ClientStatus }) => ClientStatus === "failed");
        for (let n = 0; n < 30; n++) {
          const more = { ID: `${String(n).padStart(8, "0")}${job.ID}`, CreateIndex: job.CreateIndex + n };
          const Name = `crash-loop.worker[${n + 1}]`;
          allocations.push({ ...(n % 2 ? failed : running), ...more, Name } as (typeof allocations)[number]);
        }
      },
    });
    const told: string[] = [];
    let cursor: string | undefined;
    do {
      const { text } = await status({ job_id: "crash-loop", limit: 4, ...(cursor !== undefined && { cursor }) });
      told.push(...text.split("\n").flatMap((line) => /^([0-9a-f]{8}) {2}worker/.exec(line)?.[1] ?? []));
      cursor = /cursor=(\S+)/.exec(text)?.[1];
    } while (cursor !== undefined);
    expect(told).toHaveLength(32);
    expect(new Set(told).size).toBe(32);
  });

  test("a cursor that is none", async () => {
    recordedAllocations({ job: "web" });
    expect(await status({ job_id: "web", cursor: "7" })).toEqual({
      isError: true,
      text: "That cursor is none of these allocations': it comes from the answer before, as it stands there.",
    });
  });

  test("nothing placed", async () => {
    recordedAllocations({ job: "too-big" });
    expect((await status({ job_id: "too-big" })).text).toMatchInlineSnapshot(
      `"too-big has no allocations: nothing of it was placed. Next: get_job_evaluations job_id=too-big says why."`,
    );
  });

  test("of a periodic job, whose children run", async () => {
    recordedAllocations({ job: "nightly" });
    expect((await status({ job_id: "nightly" })).text).toMatchInlineSnapshot(
      `"nightly has no allocations of its own: its children run. list_nomad_jobs prefix=nightly/ include_children=true lists them."`,
    );
  });
});

describe("refused", () => {
  const refusal = async (args: Record<string, unknown>) => {
    recordedAllocations({ job: "web" });
    const { text, isError } = await status(args);
    expect(isError).toBe(true);
    return text;
  };

  test("neither id", async () =>
    expect(await refusal({})).toMatchInlineSnapshot(
      `"Give an allocation_id, or a job_id for the allocations of a job (list_nomad_jobs shows the jobs)."`,
    ));

  test("an unknown allocation", async () =>
    expect(await refusal({ allocation_id: "00000000" })).toMatchInlineSnapshot(
      `"There is no allocation that begins with 00000000. It may be gone: Nomad forgets ended ones after a while."`,
    ));

  test("an unknown allocation, by its full id", async () =>
    expect(await refusal({ allocation_id: "00000000-1111-2222-3333-444444444444" })).toMatchInlineSnapshot(
      `"There is no allocation 00000000-1111-2222-3333-444444444444 that this token can see. Nomad forgets ended ones after a while; job_id= shows those that there are."`,
    ));

  test("an allocation of another job", async () =>
    expect(await refusal({ allocation_id: "d43f2a12", job_id: "crash-loop" })).toMatchInlineSnapshot(
      `"Allocation d43f2a12 belongs to job web, not to crash-loop: give one of the two."`,
    ));

  test("an unknown job", async () =>
    expect(await refusal({ job_id: "wbe" })).toMatchInlineSnapshot(
      `"There is no job "wbe" in namespace default. Nearest: web."`,
    ));
});
