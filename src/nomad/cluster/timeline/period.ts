import { Refusal } from "../../../api/errors/refusal.ts";
import { readMoment } from "../../../text/moment.ts";
import { iso } from "../../../text/time.ts";

/** What is told of, ms since the epoch by the server's clock. */
export interface Period {
  readonly from: number;
  readonly to: number;
  /** What happened by then, ms: where `to` is now all of it, since the server tells its time to the second only. */
  readonly end: number;
}

/**
 * The time between two moments as a call names them. What is to come is not told of.
 *
 * @throws Refusal where one cannot be read, or the first is not before the second.
 */
export function periodOf(since: string, until: string | undefined, now: number): Period {
  const read = (name: string, text: string) => {
    const at = readMoment(text, now);
    if (at !== undefined) return at;
    throw new Refusal(
      `${name}=${JSON.stringify(text)} is no time: write how long ago ("20m", "1h30m", "2d") or a time in UTC ("${iso(now)}").`,
    );
  };
  const from = read("since", since);
  const to = until === undefined ? now : Math.min(now, read("until", until));
  if (from < to) return { from, to, end: to < now ? to : Number.POSITIVE_INFINITY };
  throw new Refusal(
    `since (${iso(from)}) is not before until (${iso(to)}): of the two, since is the earlier one, such as since=20m until=10m.`,
  );
}
