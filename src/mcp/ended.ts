/**
 * How a call ended, for programs:
 * - `ok`: with its answer
 * - `arguments`: they do not fit the tool
 * - `unknown`: there is no such tool
 * - `hidden`: there is, and it is not offered here
 * - `consent`: nothing was done, since a person has to consent first
 * - `refused`: it was not carried out, because of what was set, said or not found
 * - `rejected`: Nomad does not do what is asked for
 * - `failed`: Nomad, or the way to it, failed
 * - `timeout`: there was no answer in time
 * - `mistake`: of this program
 */
export type Ended = "ok" | "arguments" | "unknown" | "hidden" | "consent" | "refused" | FailedAs;

/** How a call can end that failed on its way to an answer. */
export type FailedAs = "refused" | "rejected" | "failed" | "timeout" | "mistake";

/** What a person is to be shown, and the code with which the same call is carried out once they agreed. */
export interface Needed {
  readonly preview: string;
  readonly code: string;
}

/** A call that has ended, for those who count: nothing of what it was about. */
export interface MeasuredCall {
  /** Undefined for what is no tool. */
  readonly tool: string | undefined;
  readonly ended: Ended;
  readonly ms: number;
}
