import type { Ended, Needed } from "./ended.ts";

/**
 * A call that is not carried out, or a start that must not go on, because of what the operator set or the person said.
 * Its message is the whole answer.
 */
export class Refused extends Error {
  override name = "Refused";
  readonly ended: Ended;
  /** What a consent takes, where that is why. */
  readonly needed: Needed | undefined;

  constructor(message: string, ended: Ended = "refused", needed?: Needed) {
    super(message);
    this.ended = ended;
    this.needed = needed;
  }
}
