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
  const alone = told.map((each): Folded => ({ ...each, times: 1, since: each.at }));
  return fold(
    alone,
    ({ text }, place) =>
      repeats.test(text) ? text.replaceAll(/\b[0-9a-f]{8}\b/g, "").replaceAll(/ in (\d+[hms])+/g, "") : `${place}`,
    enough,
  );
}

/** Lines in their order; those with the same key are one, where the last stands, from `least` of them on. */
export function fold(lines: readonly Folded[], key: (line: Folded, place: number) => string, least: number): Folded[] {
  const groups = gather(lines.entries(), ([place, line]) => key(line, place));
  const folded = [...groups.values()].flatMap((group): [number, Folded][] => {
    const [first, last] = [group[0], group.at(-1)];
    if (group.length < least || first === undefined || last === undefined) return group;
    const begun = group.flatMap(([, { since }]) => since ?? []);
    const since = begun.length > 0 ? Math.min(...begun) : undefined;
    return [[last[0], { ...last[1], times: group.reduce((sum, [, { times }]) => sum + times, 0), since }]];
  });
  return folded.toSorted(([one], [other]) => one - other).map(([, line]) => line);
}
