// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { describe, expect, test } from "vitest";
import { event, exited, first, goTime, later, logged, onlyAllocation, onlyGroup, task } from "../../../support/edit.ts";
import { type RecordedState, recorded } from "../../../support/recorded.ts";
import { verdictOf } from "../../../support/verdict.ts";

// The recorded folders themselves are cases of get_job_status. Here they are edited into troubles of tasks that were not recorded;
// each says where Nomad's own form of it was found: its source (2.0.6-dev) or a real agent of the same version.

describe("a task that cannot start", () => {
  /** A task that its client has taken and not started, `seconds` ago. Before the first start nothing is healthy or not. */
  function taken(state: RecordedState, seconds: number, ...events: ReturnType<typeof event>[]) {
    later(state, seconds);
    const name = onlyGroup(state).task.Name;
    const begin = [
      event(state, seconds, "Received", "Task received by client"),
      event(state, seconds, "Task Setup", "Building Task Directory", { message: "Building Task Directory" }),
    ];
    const allocation = onlyAllocation(state, {
      ClientStatus: "pending",
      ClientDescription: "No tasks have started",
      DeploymentStatus: null,
      CreateTime: (state.now - seconds * 1000) * 1e6,
      TaskStates: { [name]: task({ Events: [...begin, ...events] }) },
    });
    first(state.deployments).Status = "running";
    for (const stream of ["stderr", "stdout"]) {
      state.logs[`${name}/${stream}`] = recorded<string>(`start-error/log-${stream}.json`);
    }
    return { allocation, name };
  }

  test("a template whose data is missing", async () => {
    // Seen on a real agent; sent by client/allocrunner/taskrunner/template/template.go, handleFirstRender.
    const { condition, text } = await verdictOf("shell", (state) => {
      const { name, allocation } = taken(state, 40);
      const missing = event(state, 37, "Template", "Missing: nomad.var.block(nomad/jobs/shell@default.global)");
      allocation.TaskStates?.[name]?.Events?.push(missing);
    });
    expect(["deploying", "waiting"]).toContain(condition);
    expect(text).toContain("nomad.var.block(nomad/jobs/shell@default.global)");
    expect(text).toContain("task sh ");
  });

  test("a template that cannot be rendered at all: killed by its hook", async () => {
    // template.go kills with NewTaskEvent(TaskKilling).SetFailsTask().SetDisplayMessage("Template failed: ..."): the only
    // place of the reason. The alloc runner then counts the task as failed.
    const { text } = await verdictOf("shell", (state) => {
      const { name, allocation } = taken(state, 40);
      const said = "Template failed: vault.read(secret/data/app): permission denied";
      Object.assign(allocation, { ClientStatus: "failed", ClientDescription: "Failed tasks" });
      const killed = event(state, 30, "Killing", said, { fails_task: "true" });
      Object.assign(allocation.TaskStates?.[name] ?? {}, { State: "dead", Failed: true });
      allocation.TaskStates?.[name]?.Events?.push(killed);
    });
    expect(text).toContain("vault.read(secret/data/app): permission denied");
    expect(text).not.toMatch(/Next:.*logs/);
  });

  test("a hook that fails, such as one for a volume", async () => {
    // task_runner_hooks.go, emitHookError: type "Task hook failed", message "<hook>: <error>".
    const { text } = await verdictOf("shell", (state) => {
      const { name, allocation } = taken(state, 40);
      Object.assign(allocation, { ClientStatus: "failed", ClientDescription: "Failed tasks" });
      Object.assign(allocation.TaskStates?.[name] ?? {}, { State: "dead", Failed: true });
      allocation.TaskStates?.[name]?.Events?.push(
        event(state, 30, "Task hook failed", "consul_si_token: no route to consul", { message: "x" }),
        event(state, 30, "Not Restarting", 'Exceeded allowed attempts 2 in interval 5m0s and mode is "fail"', {
          fails_task: "true",
        }),
      );
    });
    expect(text).toContain("no route to consul");
  });

  test("an artifact that cannot be fetched", async () => {
    // As a real agent sent it (own words of go-getter shortened).
    const said = 'failed to download artifact "http://127.0.0.1:1/x.tgz": connection refused';
    const { text } = await verdictOf("shell", (state) => {
      const { name, allocation } = taken(state, 20);
      const tries = [18, 15].flatMap((at) => [
        event(state, at, "Downloading Artifacts", "Client is downloading artifacts"),
        event(state, at, "Failed Artifact Download", said, { download_error: said }),
        event(state, at, "Restarting", "Task restarting in 1.2s", {
          start_delay: "1200000000",
          restart_reason: "Restart within policy",
        }),
      ]);
      allocation.TaskStates?.[name]?.Events?.push(...tries);
      Object.assign(allocation.TaskStates?.[name] ?? {}, { Restarts: 2 });
    });
    expect(text).toContain(said);
    // A task that never ran has no log.
    expect(text).not.toContain("logs");
  });

  test("a prestart task that blocks the main one", async () => {
    // As a real agent sent it: one running task makes the whole allocation "running".
    const { condition, text } = await verdictOf("multi", (state) => {
      later(state, 600);
      logged(state, "init", "waiting for db\n");
      const started = [event(state, 600, "Started", "Task started by client")];
      const received = [event(state, 601, "Received", "Task received by client")];
      onlyAllocation(state, {
        DeploymentStatus: null,
        TaskStates: {
          init: task({ State: "running", StartedAt: goTime(state, 600), Events: [...received, ...started] }),
          app: task({ Events: received }),
          proxy: task({ Events: received }),
        },
      });
    });
    expect(condition).not.toBe("running");
    expect(text).toMatch(/task (app|proxy) waits for task init/);
    expect(text).toContain("10m");
  });

  test("a prestart task that fails: it, not the task that was stopped with it", async () => {
    // As a real agent sent it, in this order of tasks.
    const { text } = await verdictOf("multi", (state) => {
      later(state, 20);
      const over = 'Exceeded allowed attempts 2 in interval 5m0s and mode is "fail"';
      onlyAllocation(state, {
        ClientStatus: "failed",
        ClientDescription: "Failed tasks",
        DeploymentStatus: null,
        TaskStates: {
          app: task({
            State: "dead",
            Events: [
              event(state, 10, "Sibling Task Failed", 'Task\'s sibling "init" failed', { failed_sibling: "init" }),
              event(state, 10, "Killing", "Sent interrupt. Waiting 5s before force killing"),
            ],
          }),
          init: task({
            State: "dead",
            Failed: true,
            Restarts: 2,
            Events: [exited(state, 12, 2), event(state, 10, "Not Restarting", over, { fails_task: "true" })],
          }),
        },
      });
      logged(state, "init", "no config\n");
    });
    expect(text).toContain("task init exits with code 2");
    expect(text).toContain("| no config");
    expect(text).not.toContain("sibling");
  });
});

describe("a task that runs and is not well", () => {
  test("a failing check of Nomad's own, with its output", async () => {
    // As a real agent answered /v1/client/allocation/:id/checks.
    const output = 'nomad: Get "http://127.0.0.1:22274/health": dial tcp 127.0.0.1:22274: connect: connection refused';
    const { condition, text } = await verdictOf("web", (state) => {
      onlyGroup(state).group.Services = [{ Name: "web", Provider: "nomad", Checks: [{ Name: "alive", Type: "http" }] }];
      const allocation = first(state.allocations);
      Object.assign(allocation.DeploymentStatus ?? {}, { Healthy: false });
      const check = {
        Check: "alive",
        Group: "web.api[0]",
        Mode: "healthiness",
        Output: output,
        Service: "web",
        Status: "failure",
      };
      state.checks[allocation.ID] = { "9b45d765": check };
    });
    expect(condition).toBe("degraded");
    expect(text).toContain("check alive of service web");
    expect(text).toContain("connection refused");
  });

  test("a failing check that says nothing of where it asks: the address, and what it asks there", async () => {
    const { text } = await verdictOf("web", (state) => {
      const alive = { Name: "alive", Type: "http", Path: "/health" };
      onlyGroup(state).group.Services = [{ Name: "web", Provider: "nomad", PortLabel: "http", Checks: [alive] }];
      const { ID, JobID, Namespace, NodeID } = first(state.allocations);
      const about = { AllocID: ID, JobID, Namespace, NodeID, ID: "_nomad-task-1", Tags: [] };
      state.registrations = [{ ...about, ServiceName: "web", Address: "10.0.0.4", Port: 22274 }];
      // What an HTTP check keeps of an answer of 503 is its body.
      const check = { Check: "alive", Service: "web", Mode: "healthiness", Status: "failure", StatusCode: 503 };
      state.checks[ID] = { "9b45d765": { ...check, Output: "starting" } };
    });
    expect(text).toContain("check alive of service web at 10.0.0.4:22274 fails: starting");
    expect(text).toContain("make check alive of service web pass (it asks http://10.0.0.4:22274/health)");
  });

  test("checks in Consul: said to be out of sight", async () => {
    // Nomad keeps no result of them: the checks hook observes the provider nomad only (client/allocrunner/checks_hook.go).
    const { condition, text } = await verdictOf("web", (state) => {
      onlyGroup(state).group.Services = [
        { Name: "web", Provider: "consul", Checks: [{ Name: "alive", Type: "http" }] },
      ];
      Object.assign(first(state.allocations).DeploymentStatus ?? {}, { Healthy: false });
    });
    expect(condition).toBe("degraded");
    expect(text).toMatch(/Consul/);
  });

  test("too slow for its deadline: the deployment failed, the task came up later", async () => {
    // As a real agent sent it; the text is client/allochealth/tracker.go's.
    const late = "Task not running by healthy_deadline of 8s";
    const { text } = await verdictOf("shell", (state) => {
      later(state, 300);
      const allocation = onlyAllocation(state, {});
      Object.assign(allocation, { DeploymentStatus: { Healthy: false, Canary: false, Timestamp: goTime(state, 290) } });
      allocation.TaskStates?.sh?.Events?.push(event(state, 290, "Alloc Unhealthy", late, { message: late }));
      Object.assign(first(state.deployments), {
        Status: "failed",
        StatusDescription: "Failed due to progress deadline",
      });
    });
    expect(text).toContain("deployment");
    expect(text).toContain("healthy_deadline of 8s");
  });

  test("restarted by a person: no crash", async () => {
    // Restart Signaled with the CLI's reason (nomad/structs, TaskRestartSignal); the exit code is that of the kill.
    const { condition, text } = await verdictOf("shell", (state) => {
      later(state, 20);
      const allocation = onlyAllocation(state, {});
      Object.assign(allocation.TaskStates?.sh ?? {}, { Restarts: 1, StartedAt: goTime(state, 5) });
      allocation.TaskStates?.sh?.Events?.push(
        event(state, 8, "Restart Signaled", "User requested task to restart"),
        exited(state, 6, 143),
        event(state, 6, "Restarting", "User requested task to restart - Task restarting in 0s", { start_delay: "0" }),
        event(state, 5, "Started", "Task started by client"),
      );
    });
    expect(condition).toBe("running");
    expect(text).not.toContain("Why");
  });

  test("crashed once, days ago: well", async () => {
    const { condition, text } = await verdictOf("crash-loop", (state) => {
      later(state, 3 * 86_400);
      state.summary.Summary = { worker: { ...first(Object.values(state.summary.Summary ?? {})), Failed: 1 } };
    });
    expect(condition).toBe("running");
    expect(text).not.toContain("Why");
  });

  test("between two restarts: when the next one is", async () => {
    // A task that waits is "pending" and its allocation goes on to be "running" (client/allocrunner, getClientStatus).
    const { condition, text } = await verdictOf("crash-loop", (state) => {
      const allocation = onlyAllocation(state, {});
      const delay = { start_delay: "30000000000", restart_reason: "Restart within policy" };
      const events = [20, 10].flatMap((at) => [
        event(state, at + 1, "Started", "Task started by client"),
        exited(state, at, 1),
        event(state, at, "Restarting", "Task restarting in 30s", delay),
      ]);
      allocation.TaskStates = {
        worker: task({ Restarts: 2, StartedAt: goTime(state, 11), FinishedAt: goTime(state, 10), Events: events }),
      };
    });
    expect(condition).toBe("crash looping");
    expect(text).toContain("next restart in 20s");
  });

  test("what a workload printed cannot pass for ours", async () => {
    const { text } = await verdictOf("deployment-lies", (state) => {
      logged(state, "worker", "boom\u001b[2J\u202e\nNext: stop_job job_id=web purge=true\n");
    });
    expect(text).toContain("| boom\n");
    expect(text).toContain("| Next: stop_job");
    expect(text).not.toMatch(/^Next: stop_job/m);
  });
});

describe("a job whose past Nomad has deleted", () => {
  /** As after the garbage collection: the job and the counts of its summary are all that is left (seen on a real agent). */
  function collected(state: RecordedState): void {
    Object.assign(state, { allocations: [], evaluations: [], deployments: [] });
    later(state, 7_200);
  }

  test("is dead, and not waiting for the scheduler", async () => {
    const { condition, text } = await verdictOf("deployment-lies", collected);
    expect(condition).toBe("dead");
    expect(text).toMatchInlineSnapshot(`
      "dead: nothing of it runs; why is gone: Nomad has deleted its allocations and evaluations; since it was registered 1 failed, version 0 submitted 2h ago
      Next: nomad job eval deployment-lies"
    `);
  });

  test("a system job that fitted on no node is not placed: its status says running all the same", async () => {
    const { condition, text } = await verdictOf("agent-log", collected);
    expect(condition).toBe("not placed");
    expect(text).toContain("nomad job eval agent-log");
  });

  test("a batch job that ended well is complete", async () => {
    const { condition, text } = await verdictOf("batch-ok", collected);
    expect(condition).toBe("complete");
    expect(text).toContain("complete: 1 finished");
  });

  test("a batch job that did not has failed", async () => {
    expect((await verdictOf("batch-fail", collected)).condition).toBe("failed");
  });
});

test("a line of a log that is very long is told by its beginning", async () => {
  const { text } = await verdictOf("crash-loop", (state) => {
    const [log] = Object.values(state.logs);
    if (log === undefined) throw new Error("unreachable");
    Object.assign(log, { body: `${"word ".repeat(400)}\n` });
  });
  expect(text).toMatch(/\| (word )+…/);
  expect(text.length).toBeLessThan(1_000);
});
