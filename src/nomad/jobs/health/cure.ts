/** What ends a trouble. */
export interface Cure {
  /** What somebody has to do, as a clause without a full stop. */
  readonly step: string;
  /**
   * `file`: the job file has to change. `self`: something else, and what waits for it then goes on by itself. `push`:
   * something else, and Nomad has to be told to try again. `whole`: nothing but the step.
   */
  readonly by: "file" | "self" | "push" | "whole";
  /** True where a node is the cause, so that neither the job nor an older version of it helps. */
  readonly node?: boolean;
  /** True where nothing is known but that it fails: its log has to tell. */
  readonly vague?: boolean;
}
