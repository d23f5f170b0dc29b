import { gather } from "../../../text/gather.ts";
import type { Told } from "./tell.ts";

/** An event in words, which may stand for several of the same. */
export interface Folded extends Told {
  /** How many it stands for. */
  readonly times: number;
  /** When the first of them happened, ms. */
  readonly since: number | undefined;
}

/** From so many on, events that say the same are one line. */
const enough = 3;

/** What happens again and again by itself. What somebody did stays where it happened. */
const repeats = /^(allocation|evaluation) /;

/**
 * Events that differ in nothing but ids and the length of a delay are told once, where the last of them happened: a job
 * that crashes all the time would fill any answer. In the order in which they happened.
 */
export function foldEvents(told: readonly Told[]): Folded[] {
  const groups = gather(told.entries(), ([place, { text }]) =>
    repeats.test(text) ? text.replaceAll(/\b[0-9a-f]{8}\b/g, "").replaceAll(/ in (\d+[hms])+/g, "") : `${place}`,
  );
  const lines = [...groups.values()].flatMap((group): [number, Folded][] => {
    if (group.length < enough) return group.map(([place, each]) => [place, { ...each, times: 1, since: each.at }]);
    const [[, first] = [0, undefined]] = group;
    const last = group.at(-1);
    return last ? [[last[0], { ...last[1], times: group.length, since: first?.at }]] : [];
  });
  return lines.toSorted(([one], [other]) => one - other).map(([, line]) => line);
}
