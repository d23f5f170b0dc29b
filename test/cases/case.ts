import type { Program } from "demo-cluster/client/programs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { RecordedState } from "../support/recorded-state.ts";
import type { Step, Submitted } from "../support/scene.ts";

/** A fault: how it is brought about, the question, and what the first answer has to be worth. */
export interface Case {
  readonly about: string;
  /** Done to an empty demo cluster and, with `real`, to a real agent. */
  readonly happens?: readonly Step[];
  /** Also on a real agent with the mock driver: the fault needs no node and no container. */
  readonly real?: boolean;
  /** False where the demo does not do what happens: only a real agent is asked. */
  readonly demo?: false;
  /** The demo's own jobs are there. */
  readonly seeded?: boolean;
  /** What containers of the demo do. */
  readonly programs?: readonly Program[];
  /** Instead of what happens: what a real Nomad answered when it happened, and what is different. */
  readonly recorded?: { readonly folder: string; edit?(state: RecordedState): void };
  /** Paths that are answered as to a token that may not. */
  readonly denied?: readonly RegExp[];
  /** The tool, where it is not diagnose_job, and its arguments; about the job `main` where they are not said. */
  readonly tool?: string;
  readonly args?: (id: (name: string) => string) => Readonly<Record<string, unknown>>;
  /** True where the answer is a refusal. */
  readonly refused?: boolean;
  /** What the first two lines say: the cause is there. */
  readonly first: RegExp;
  /** What it says further. */
  readonly says?: readonly RegExp[];
  /** Wrong causes, secrets, empty advice. */
  readonly never?: readonly RegExp[];
  readonly tokens: number;
  readonly requests: number;
}

/** A job of one task `server` of the mock driver; see {@link mockJob}. */
export function mock(config: object = {}, group: object = {}, job: object = {}): Submitted {
  return (id) => mockJob(id, config, group, job);
}

/** A task of the mock driver. */
export function task(Name: string, config: object = {}, more: object = {}): object {
  return {
    Name,
    Driver: "mock_driver",
    Config: { run_for: "1h", ...config },
    Resources: { CPU: 20, MemoryMB: 16 },
    ...more,
  };
}

const second = 1e9;

/** Restarted where it is, soon, so often that nothing else happens to it. */
export const restarted = { RestartPolicy: { Attempts: 20, Interval: 300 * second, Delay: second, Mode: "fail" } };

/** Restarted where it is for ever, every second. */
export const restartedForEver = {
  RestartPolicy: { Attempts: 100, Interval: 3600 * second, Delay: second, Mode: "delay" },
};

/** A deployment that believes what has run for a moment, and has patience with a busy machine. */
export const deployedSoon = {
  Update: { MaxParallel: 5, MinHealthyTime: second / 10, HealthyDeadline: 40 * second, ProgressDeadline: 50 * second },
};
