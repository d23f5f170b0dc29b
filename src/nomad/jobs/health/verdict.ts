import type { AllocationStub } from "../../../endpoints/allocations.ts";
import type { JobStub } from "../../../endpoints/jobs.ts";
import type { Answer } from "../../../text/answer.ts";
import { lines } from "../../../text/words.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import type { Placement } from "../../evaluations/placement/placement.ts";
import type { Cure } from "./cure.ts";
import type { GroupState, JobState } from "./job-state.ts";

/** What state a job is in, in the words of the answers. */
export type Condition =
  | "running"
  | "deploying"
  | "waiting"
  | "degraded"
  | "crash looping"
  | "not placed"
  | "failed"
  | "rolled back"
  | "complete"
  | "stopped"
  | "stopping"
  | "dead"
  | "pending";

/** One reason for a job's condition. */
export interface Cause {
  /** One sentence, without a full stop, that names the object and what happened to it. */
  readonly sentence: string;
  /** Lines that support it, such as the last lines of stderr. */
  readonly evidence: readonly string[];
  /** What ends it, as far as that is known. */
  readonly cure?: Cure | undefined;
  /** The allocation and the task whose log tells more. */
  readonly allocation?: AllocationStub;
  readonly task?: string;
  /** The stream that the evidence was read from; undefined where there was none to read. */
  readonly stream?: "stdout" | "stderr";
}

/** The one verdict that every tool gives of a job. */
export interface Verdict {
  readonly condition: Condition;
  /** True where the condition is an outcome: following the job longer is not expected to change it. */
  readonly settled: boolean;
  /** The state as the headline names it, where that says more than the condition: "waiting for promotion". */
  readonly state?: string;
  /** What is so, behind the state: "3 of 3 healthy". */
  readonly detail: string;
  /** What the headline goes on with: "version 0 ran before". */
  readonly more?: string | undefined;
  /** Which version that is said of, and how old it is: "version 4 submitted 12m ago". */
  readonly version?: string | undefined;
  /** Worst first; empty where all is well. */
  readonly causes: readonly Cause[];
  /** What to do, as tool calls or `nomad` commands, the best first; empty where all is well. */
  readonly next: readonly string[];
  /** The newest children of a periodic or parameterized job, newest first. */
  readonly children?: readonly JobStub[];
}

/** What the parts of a verdict are decided from. */
export interface View {
  readonly state: JobState;
  readonly groups: readonly GroupState[];
  readonly troubles: readonly Trouble[];
  readonly placements: readonly Placement[];
  readonly causes: readonly Cause[];
  /** "version 4 submitted 12m ago" */
  readonly version: string;
}

/** What a part of the decision says; `next` where it knows better than the general steps. */
export type Decision = Pick<Verdict, "condition" | "settled" | "state" | "detail" | "more" | "version"> & {
  readonly next?: readonly string[];
};

/** The verdict as an answer: headline, `Why:` lines, what to do. */
export function verdictAnswer(verdict: Verdict): Answer {
  return {
    headline: headlineText(verdict),
    sections: [causesText(verdict.causes)],
    next: verdict.next,
    data: verdictData(verdict),
  };
}

/** The verdict for programs. */
export function verdictData({ condition, settled, causes }: Verdict): Readonly<Record<string, unknown>> {
  return {
    condition,
    settled,
    causes: causes.map(({ sentence, allocation, task }) => ({
      sentence,
      ...(allocation && { allocation_id: allocation.ID }),
      ...(task !== undefined && { task }),
    })),
  };
}

/** What is so, in one line, without the job's name: "running: 3 of 3 healthy". */
export function headlineOf({ condition, state = condition, detail, more }: Omit<Decision, "settled">): string {
  return `${state}: ${detail}${more ? `; ${more}` : ""}`;
}

/** What is so, and of which version. */
export function headlineText(verdict: Verdict): string {
  return [headlineOf(verdict), verdict.version].filter(Boolean).join(", ");
}

/** The `Why:` lines: each cause, and what supports it under it. */
export function causesText(causes: readonly Cause[]): string {
  const told = causes.map(({ sentence, evidence }, index) =>
    [`${index === 0 ? "Why: " : "     "}${sentence}`, ...evidence.map((line) => `     ${line}`)].join("\n"),
  );
  return lines(...told);
}
