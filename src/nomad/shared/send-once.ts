import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { firstLine, lines } from "../../text/words.ts";
import { ifGiven } from "./parts.ts";

/**
 * Sends a change, once. Where its answer is lost, its object is looked at.
 *
 * @throws Refusal then: that it may have happened, what `seen` says of the object since, and `look`, the step that shows
 * it. NomadError where Nomad refuses it, or the call is cancelled.
 */
export async function sendOnce<T>(write: () => Promise<T>, seen: () => Promise<string>, look: string): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled" || !error.mayHaveHappened) throw error;
    const since = await ifGiven(seen());
    throw new Refusal(
      lines(firstLine(explain(error)), since && `Looked at since: ${since}.`, `Next: ${look} says how it is`),
    );
  }
}
