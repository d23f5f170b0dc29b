import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { FailureKind } from "./task-trouble.ts";

/** What ends a trouble follows from this. */
export type TroubleKind =
  | FailureKind
  /** Its node is out of sight. */
  | "away"
  /** A drain killed work that is meant to end. */
  | "drained"
  /** It runs, but its start took longer than the deployment waits; or it was unhealthy for another reason. */
  | "late"
  | "unhealthy"
  /** It runs, and somebody said that it is unhealthy. */
  | "marked"
  | "waits"
  /** Its work is done, and a task that is only there to help runs on. */
  | "lingers"
  | "preempted"
  | "unclear";

/** What is wrong, or went wrong, with one allocation. */
export interface Trouble {
  readonly allocation: AllocationStub;
  /** The task that it began with; undefined where it is the whole allocation. */
  readonly task: string | undefined;
  readonly kind: TroubleKind;
  /** "task server exits with code 1" */
  readonly what: string;
  /** How often that happened in this allocation, in words, where it was more than once: "3 times in 4s". */
  readonly times: string | undefined;
  /** What Nomad does about it: "next restart in 15s", "not started again". */
  readonly outlook: string | undefined;
  /** True where it is why the job is not well now; false for what is over. */
  readonly present: boolean;
  /** True where it happened more than once. */
  readonly repeats: boolean;
  /** When a task last failed, ms; undefined where it is the whole allocation. */
  readonly at?: number;
  /** True where Nomad tries again by itself, or is trying. */
  readonly continues: boolean;
  /** True where the task ran, so that its log can tell why. */
  readonly logged: boolean;
}
