import type { Clock, Timer } from "../clock.ts";
import { goTime, MS } from "../gotime.ts";
import type { Chance } from "../ids.ts";
import type { Job, Task } from "../state/job-types.ts";
import type { TaskEvent, TaskState } from "../state/types.ts";
import { events, KEPT_EVENTS } from "./events.ts";
import { createLog, type LogStream } from "./logs.ts";
import { type HasVariable, prepare, templateOf } from "./preparation.ts";
import { type Program, type Run, startTask, type Uses } from "./programs.ts";
import { type Ending, restartTracker } from "./restart-policy.ts";

/** What every task of a client lives in. */
export interface Surroundings {
  clock: Clock;
  chance: Chance;
  stamp(): number;
  programs: readonly Program[];
  hasVariable: HasVariable;
}

/** One task of an allocation on its client. */
export interface TaskRunner {
  readonly task: Task;
  readonly state: TaskState;
  readonly logs: Record<"stdout" | "stderr", LogStream>;
  /** Its turn has come. */
  begin(): void;
  readonly begun: boolean;
  /** What its present run uses, or its last one used. */
  readonly uses: Uses | undefined;
  note(event: TaskEvent): void;
  /** A variable of its namespace was written: a template that waits for it is rendered, one that has it anew. */
  variable(path: string): void;
  /** Ends it for good. */
  kill(): void;
  /** Starts it anew; `exited` is called once the old run is over. */
  restart(reason: string, exited: () => void): void;
  /** The mock driver does nothing with it, a program ends of what ends programs; an unknown one is SIGINT, as in Nomad. */
  signal(name: string): void;
}

/** What a program that handles no signal ends of, and what leaves it as it is. */
const FATAL: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
};
const HARMLESS = ["SIGCONT", "SIGWINCH"];

/** The longest a client waits for a task to end. */
const MAX_KILL_TIMEOUT = 30_000 * MS;

/** A task on its client, which waits for its turn. */
export function createTaskRunner(
  { clock, chance, stamp, programs, hasVariable }: Surroundings,
  task: Task,
  { Type: jobType, Namespace: namespace }: Pick<Job, "Type" | "Namespace">,
  changed: () => void,
): TaskRunner {
  const state: TaskState = {
    State: "pending",
    Failed: false,
    Restarts: 0,
    LastRestart: null,
    StartedAt: null,
    FinishedAt: null,
    Paused: "",
    Events: [],
  };
  const log = () => createLog(() => clock.now(), task.LogConfig.MaxFiles, task.LogConfig.MaxFileSizeMB * 1024 * 1024);
  const logs = { stdout: log(), stderr: log() };
  const tracker = restartTracker(task, jobType, chance, clock.now());
  let timer: Timer | undefined;
  let run: Run | undefined;
  let begun = false;
  let stopping = false;
  /** What it does once the template that it waits for is there. */
  let waits: (() => void) | undefined;
  let rerender: Timer | undefined;

  const after = (ms: number, fire: () => void) => {
    timer?.cancel();
    timer = clock.after(ms, fire);
  };
  const note = (event: TaskEvent) => {
    if (event.FailsTask) state.Failed = true;
    if (event.Type === "Restarting") {
      state.Restarts++;
      state.LastRestart = goTime(event.Time);
    }
    state.Events = [...state.Events, event].slice(-KEPT_EVENTS);
    changed();
  };
  const become = (next: TaskState["State"], event?: TaskEvent) => {
    state.State = next;
    if (next === "running") state.StartedAt = goTime(stamp());
    if (next === "dead") state.FinishedAt ??= goTime(stamp());
    if (event) note(event);
    else changed();
  };
  const hush = () => {
    logs.stdout.end();
    logs.stderr.end();
  };
  /** True where it goes on to the driver: an artifact may fail, a template may wait for ever. */
  const prepared = (then: () => void) => {
    const { kind, message } = prepare(task, namespace, hasVariable);
    if (kind === "template") note(events.template(stamp(), message));
    waits = kind === "template" ? then : undefined;
    if (kind !== "artifact") return kind === "ready";
    note(events.downloading(stamp()));
    note(events.downloadFailed(stamp(), message));
    ended({ startError: { recoverable: true } });
    return false;
  };
  const start = (delayMs: number) => {
    const next = startTask(task, clock.now() + delayMs, programs);
    run = next;
    const launch = () => {
      if (!prepared(launch)) return;
      if (next.startError !== undefined) {
        note(events.driverFailure(stamp(), next.startError));
        ended({ startError: { recoverable: next.recoverable } });
        return;
      }
      for (const printer of next.stdout) logs.stdout.print(printer);
      for (const printer of next.stderr) logs.stderr.print(printer);
      // the client notices a moment later, so that what ran for min_healthy_time has been healthy
      const noticed = chance.between(1, 4);
      if (next.runMs !== undefined) after(next.runMs + noticed, () => exited(next));
      else timer = undefined;
      become("running", events.started(stamp()));
    };
    after(delayMs + next.startMs, launch);
  };
  const exited = ({ exitCode, signal, message, oomKilled }: Run) => {
    hush();
    note(events.terminated(stamp(), exitCode, signal, message, oomKilled));
    ended({ exitCode, signal, message });
  };
  const ended = (ending: Ending) => {
    const verdict = tracker.after(ending, clock.now());
    if (verdict.next === "restart") {
      again(verdict.delay, verdict.reason);
      return;
    }
    if (verdict.next === "fail") become("dead", events.notRestarting(stamp(), verdict.reason));
    else become("dead");
  };
  const again = (delay: number, reason: string) => {
    become("pending", events.restarting(stamp(), delay, reason));
    start(delay / MS + chance.between(3, 25));
  };
  /** Takes the running task down and goes on when it is gone. */
  const takeDown = (then: () => void) => {
    const code = run?.killCode ?? 0;
    const signal = run?.killSignal ?? 0;
    after(run?.killMs ?? 0, () => {
      hush();
      note(events.terminated(stamp(), code, signal, ""));
      then();
    });
  };

  /** Takes the running one down and starts it anew. */
  const startAnew = (reason: string, exited: () => void) => {
    note(events.restartSignaled(stamp(), reason));
    takeDown(() => {
      again(0, "");
      exited();
    });
  };
  /** Does what a template is to do that is another one now. */
  const changedBy = ({ ChangeMode }: Record<string, unknown>) => {
    if (state.State !== "running" || stopping) return;
    if (ChangeMode === "signal") note(events.signaling(stamp(), "Template re-rendered"));
    else if (ChangeMode === "restart") startAnew("Template with change_mode restart re-rendered", () => {});
  };

  note(events.received(stamp()));
  return {
    task,
    state,
    logs,
    get uses() {
      return run?.uses;
    },
    get begun() {
      return begun;
    },
    note,
    begin() {
      if (begun) return;
      begun = true;
      after(chance.between(1, 4), () => {
        note(events.setup(stamp()));
        start(chance.between(30, 120));
      });
    },
    variable(path) {
      const template = templateOf(task, path);
      if (template === undefined || stopping) return;
      if (waits) after(chance.between(30, 90), waits);
      else if (state.State === "running") {
        const splay = Number(template.Splay ?? 0) / MS;
        rerender?.cancel();
        rerender = clock.after(5_000 + chance.between(0, Math.max(0, splay)), () => changedBy(template));
      }
    },
    kill() {
      if (state.State === "dead" || stopping) return;
      stopping = true;
      begun = true;
      const running = state.State === "running";
      const finish = () => {
        if (running) become("dead", events.killed(stamp()));
        else become("dead");
      };
      note(events.killing(stamp(), Math.min(task.KillTimeout, MAX_KILL_TIMEOUT)));
      if (!running) {
        timer?.cancel();
        finish();
      } else if (task.ShutdownDelay > 0) {
        note(events.shutdownDelay(stamp(), task.ShutdownDelay));
        after(task.ShutdownDelay / MS, () => takeDown(finish));
      } else takeDown(finish);
    },
    signal(name) {
      note(events.signaling(stamp(), "Task being sent a signal"));
      if (task.Driver === "mock_driver" || HARMLESS.includes(name) || run === undefined) return;
      const signal = FATAL[name] ?? 2;
      const killed = { ...run, exitCode: 128 + signal, signal, message: "" };
      after(5, () => exited(killed));
    },
    restart(reason, exited) {
      if (state.State !== "dead") return startAnew(reason, exited);
      note(events.restartSignaled(stamp(), reason));
      state.FinishedAt = null;
      again(0, "");
      exited();
    },
  };
}
