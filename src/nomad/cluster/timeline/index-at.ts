import { evaluations } from "../../../endpoints/evaluations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromNanoseconds } from "../../../text/time.ts";

// Evaluations, deployments and allocations are kept in the order of the index at which each was made, which grows with time
// over all of them; the token of a page is such an index and an id (nomad/state/paginator/tokenizer.go).

/** So often a step back is made four times as long, and so often one is halved: each is a request of 1 KB. */
const stepsBack = 12;
const halvings = 4;
const firstStep = 128;

/** The token of a page, newest first, that begins with what was made at `index` or before. */
export const tokenBelow = (index: number) => `${index}.~`;

/**
 * An index soon after `time` (ms): what was made by then is below it. Undefined where nothing was evaluated since, so that the
 * newest is near enough.
 */
export async function indexAfter(nomad: NomadClient, time: number): Promise<number | undefined> {
  const at = async (index: number | undefined) => {
    const next_token = index === undefined ? undefined : tokenBelow(index);
    const [one] = (await nomad.list(evaluations.list, { reverse: true, per_page: 1, next_token })).items;
    return one && { index: one.CreateIndex, after: (fromNanoseconds(one.CreateTime) ?? 0) > time };
  };
  const newest = await at(undefined);
  if (newest === undefined || !newest.after) return undefined;
  let after = newest.index;
  let before = 0;
  for (let step = 0, back = firstStep; step < stepsBack && after - back > 0; step++, back *= 4) {
    const found = await at(after - back);
    if (!found?.after) {
      before = after - back;
      break;
    }
    after = found.index;
  }
  for (let step = 0; step < halvings && after - before > firstStep; step++) {
    const middle = Math.floor((before + after) / 2);
    const found = await at(middle);
    if (found?.after) after = found.index;
    else before = middle;
  }
  return after;
}
