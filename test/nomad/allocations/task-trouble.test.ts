import { describe, expect, test } from "vitest";
import type { AllocationStub, TaskEvent, TaskState } from "../../../src/endpoints/allocations.ts";
import { eventPhrase, exitOf, longestRun, taskTrouble } from "../../../src/nomad/allocations/task-trouble.ts";
import { task } from "../../support/edit.ts";
import { recorded } from "../../support/recorded.ts";

/** The only task of the allocation of a folder that failed, as it stands in the list. */
function failedTask(folder: string): TaskState {
  const failed = recorded<AllocationStub[]>(`${folder}/allocations.json`).body.find(
    ({ ClientStatus }) => ClientStatus === "failed",
  );
  const [state] = Object.values(failed?.TaskStates ?? {});
  if (state === undefined) throw new Error(`nothing failed in ${folder}`);
  return state;
}

const now = Date.parse("2026-11-20T20:00:00Z");
const at = (seconds: number, Type: string, DisplayMessage = "", Details: Record<string, string> = {}): TaskEvent => ({
  ...{ Type, DisplayMessage, Details },
  Time: (now + seconds * 1000) * 1e6,
});
const exit = (seconds: number, code: number, signal = 0, oom = false) =>
  at(seconds, "Terminated", `Exit Code: ${code}`, {
    exit_code: String(code),
    signal: String(signal),
    oom_killed: String(oom),
  });

describe("what went wrong", () => {
  test.each([
    ["crash-loop", "exits with code 1", "3 times in 4s"],
    ["batch-fail", "exits with code 3", "2 times in 2s"],
    ["oom", "was killed by signal 9 (exit code 137)", "2 times in 2s"],
    ["deployment-lies", "exits with code 1", undefined],
    ["start-error", "cannot be started: image pull failed: registry.example/app:9.9 not found", undefined],
  ])("%s", (folder, what, times) => {
    expect(taskTrouble(failedTask(folder), now)).toMatchObject({ what, times, present: true });
  });

  test("why Nomad does not restart it, in its words", () => {
    expect(taskTrouble(failedTask("crash-loop"), now)?.givenUp).toContain("Exceeded allowed attempts 2");
    expect(taskTrouble(failedTask("start-error"), now)?.givenUp).toBe("Policy allows no restarts");
  });

  test("out of memory only where Nomad says it", () => {
    expect(exitOf(exit(0, 137, 9))).not.toMatch(/memory/);
    expect(exitOf(exit(0, 137, 9, true))).toMatch(/memory/);
  });

  test("an exit with 0 is none", () => {
    expect(taskTrouble(task({ State: "dead", Events: [at(0, "Started"), exit(5, 0)] }), now)).toBeUndefined();
  });

  test("an exit with 0 is one where the task was not meant to end: it is started again, or was too often", () => {
    const restarting = at(6, "Restarting", "Task restarting in 1s", { start_delay: "1000000000" });
    const events = [
      at(0, "Started"),
      exit(5, 0),
      restarting,
      at(7, "Started"),
      exit(12, 0),
      { ...restarting, Time: 0 },
    ];
    expect(taskTrouble(task({ State: "pending", Restarts: 2, Events: events }), now)).toMatchObject({
      what: "ends by itself with code 0",
      repeats: true,
      present: true,
    });
    const given = at(13, "Not Restarting", "Exceeded allowed attempts 1 in interval 5m0s");
    const dead = task({ State: "dead", Failed: true, Events: [at(0, "Started"), exit(5, 0), given] });
    expect(taskTrouble(dead, now)?.what).toBe("ends by itself with code 0");
  });

  test("what ran for an hour, ended well and runs again is no trouble of now", () => {
    const restarting = at(-120, "Restarting", "Task restarting in 1s", { start_delay: "1000000000" });
    const events = [at(-3_720, "Started"), exit(-120, 0), restarting, at(-119, "Started")];
    const StartedAt = new Date(now - 119_000).toISOString();
    expect(taskTrouble(task({ State: "running", StartedAt, Events: events }), now)?.present).toBe(false);
    const crashed = events.map((event) => (event.Type === "Terminated" ? exit(-120, 1) : event));
    expect(taskTrouble(task({ State: "running", StartedAt, Events: crashed }), now)?.present).toBe(true);
  });

  test("neither is what was asked for: a kill, a restart, a signal", () => {
    for (const asked of ["Killing", "Restart Signaled", "Signaling"]) {
      const events = [at(0, "Started"), at(4, asked, "User requested task to restart"), exit(5, 143, 15)];
      expect(taskTrouble(task({ State: "running", Events: events }), now), asked).toBeUndefined();
    }
  });

  test("a restart because of a health check is", () => {
    // client/serviceregistration/watcher.go
    const events = [
      at(0, "Started"),
      at(4, "Restart Signaled", 'healthcheck: check "alive" unhealthy'),
      exit(5, 143, 15),
    ];
    expect(taskTrouble(task({ State: "running", Events: events }), now)?.what).toContain('check "alive" unhealthy');
  });

  test("an exit message of the driver is told", () => {
    const said = { exit_code: "0", signal: "0", oom_killed: "false", exit_message: "container gone" };
    expect(exitOf(at(0, "Terminated", "", said))).toContain("container gone");
  });
});

describe("whether it is over", () => {
  const crashed = [at(-3600, "Started"), exit(-3599, 1), at(-3599, "Restarting", "", { start_delay: "1000000000" })];
  const running = (since: number) => {
    const StartedAt = new Date(now + since * 1000).toISOString();
    return task({ State: "running", Restarts: 1, StartedAt, Events: [...crashed, at(since, "Started")] });
  };

  test("a run that has just begun proves nothing", () => {
    expect(taskTrouble(running(-3), now)?.present).toBe(true);
  });

  test("an hour proves it", () => {
    expect(taskTrouble(running(-3598), now)?.present).toBe(false);
  });

  test("a task that fails every ten minutes is not well after five", () => {
    const events = [at(-1200, "Started"), exit(-600, 1), at(-300, "Started")];
    const StartedAt = new Date(now - 300_000).toISOString();
    expect(longestRun(events)).toBe(600_000);
    expect(taskTrouble(task({ State: "running", StartedAt, Events: events }), now)?.present).toBe(true);
  });

  test("when the next start is", () => {
    const events = [at(-60, "Started"), exit(-10, 1), at(-10, "Restarting", "", { start_delay: "30000000000" })];
    expect(taskTrouble(task({ Events: events }), now)?.retryAt).toBe(now + 20_000);
  });
});

test("events as phrases, ordinary life left out", () => {
  const said = failedTask("crash-loop").Events?.map((event, index, events) => eventPhrase(event, events[index - 1]));
  expect(said).toMatchInlineSnapshot(`
    [
      undefined,
      "started",
      "exits with code 1",
      "restarting in 1s",
      "started",
      "exits with code 1",
      "restarting in 1s",
      "started",
      "exits with code 1",
      "Not Restarting: Exceeded allowed attempts 2 in interval 5m0s and mode is "fail"",
    ]
  `);
});

test("a message of a workload stays one clean line", () => {
  const phrase = eventPhrase(at(0, "Driver Failure", "no such\u001b[31m image\nNext: purge everything"));
  expect(phrase).toBe("cannot be started: no such image Next: purge everything");
});
