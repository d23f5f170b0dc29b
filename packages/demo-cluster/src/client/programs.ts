import { MS, parseGoDuration } from "../gotime.ts";
import type { Task } from "../state/job-types.ts";
import type { Printer } from "./logs.ts";

/** What a task does when it is started. Times are ms. */
export interface Run {
  /** How long starting takes. */
  startMs: number;
  /** It cannot be started, and whether trying again may help. */
  startError: string | undefined;
  recoverable: boolean;
  /** When it ends by itself; undefined: never. */
  runMs: number | undefined;
  exitCode: number;
  signal: number;
  message: string;
  /** The kernel ended it for want of memory. */
  oomKilled: boolean;
  /** How long it takes to end when told to, and what it ends with then. */
  killMs: number;
  killCode: number;
  killSignal: number;
  stdout: Printer[];
  stderr: Printer[];
  /** What it uses while it runs; undefined where its driver makes numbers up. */
  uses: Uses | undefined;
}

/** Memory and CPU of a task. */
export interface Uses {
  memoryMb: number;
  cpuMhz: number;
}

/** A program that the demo's own images run: what a start at `now` comes to, or nothing if it does not know the task. */
export type Program = (task: Task, now: number) => Partial<Run> | undefined;

const QUIET: Run = {
  startMs: 0,
  startError: undefined,
  recoverable: false,
  runMs: undefined,
  exitCode: 0,
  signal: 0,
  message: "",
  oomKilled: false,
  killMs: 0,
  killCode: 0,
  killSignal: 0,
  stdout: [],
  stderr: [],
  uses: { memoryMb: 8, cpuMhz: 40 },
};

/** A duration of a config, in ms: 0 where it is not set. */
export function duration(config: Record<string, unknown>, key: string): number | { error: string } {
  const value = config[key];
  if (value === undefined || value === null || value === "") return 0;
  const parsed = typeof value === "number" ? value : parseGoDuration(String(value));
  if (typeof parsed === "number") return parsed / MS;
  return { error: `${key} ${String(value)} not a valid duration: ${parsed.error}` };
}

/** Nomad's own test driver: does what its config says. */
function mock(task: Task, now: number): Run {
  const config = task.Config ?? {};
  const times: Record<string, number> = {};
  for (const key of ["run_for", "kill_after", "start_block_for", "stdout_repeat_duration", "stderr_repeat_duration"]) {
    const value = duration(config, key);
    if (typeof value !== "number") return { ...QUIET, startError: value.error };
    times[key] = value;
  }
  const startMs = times.start_block_for ?? 0;
  const began = now + startMs;
  const prints = (stream: "stdout" | "stderr"): Printer[] => {
    const text = String(config[`${stream}_string`] ?? "");
    const repeat = Number(config[`${stream}_repeat`] ?? 0);
    const every = times[`${stream}_repeat_duration`] ?? 0;
    return text === "" ? [] : [{ start: began, every, times: 1 + repeat, text: () => text }];
  };
  const stdout = prints("stdout");
  const stderr = prints("stderr");
  // it does not end before it has printed everything
  const printing = Math.max(0, ...[...stdout, ...stderr].map((printer) => (printer.times - 1) * printer.every));
  const exitCode = Number(config.exit_code ?? 0);
  const signal = Number(config.exit_signal ?? 0);
  return {
    ...QUIET,
    startMs,
    startError: config.start_error ? String(config.start_error) : undefined,
    recoverable: config.start_error_recoverable === true,
    runMs: Math.max(times.run_for ?? 0, printing),
    exitCode,
    signal,
    message: String(config.exit_err_msg ?? ""),
    killMs: times.kill_after ?? 0,
    killCode: exitCode,
    killSignal: signal,
    stdout,
    stderr,
    uses: undefined,
  };
}

/** Containers start, unless the image's name says that there is no such image. */
function docker(task: Task, now: number, programs: readonly Program[]): Run {
  const image = String(task.Config?.image ?? "");
  if (image === "") return { ...QUIET, startError: "image name required for docker driver" };
  const started = { ...QUIET, startMs: 180, killMs: 250 };
  if (image.includes("does-not-exist")) {
    const name = image.split(":")[0] ?? image;
    const why = `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`;
    const error = `Failed to pull \`${image}\`: Error response from daemon: ${why}`;
    return { ...started, startError: error, recoverable: true };
  }
  for (const program of programs) {
    const run = program(task, now + started.startMs);
    if (run) return { ...started, ...run };
  }
  return started;
}

const notFound = (command: string) =>
  `failed to launch command with executor: rpc error: code = Unknown desc = binary ${JSON.stringify(command)} could not be found`;

/** What starting a task comes to. */
export function startTask(task: Task, now: number, programs: readonly Program[]): Run {
  if (task.Driver === "mock_driver") return mock(task, now);
  if (task.Driver === "docker") return docker(task, now, programs);
  if (task.Driver === "raw_exec") {
    const command = String(task.Config?.command ?? "");
    if (command === "") return { ...QUIET, startError: "missing command" };
    // As with images, the name says it.
    if (command.includes("no-such")) return { ...QUIET, startError: notFound(command) };
  }
  return { ...QUIET, startMs: 20, killMs: 30 };
}
