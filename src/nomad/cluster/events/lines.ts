import { iso } from "../../../text/time.ts";
import type { Folded } from "./fold.ts";

/** The time of a moment in UTC, to the second; with its day where that is not today. */
export function clockText(at: number, now: number): string {
  const [day = "", time = ""] = iso(at).split("T");
  return `${day === iso(now).slice(0, 10) ? "" : `${day} `}${time.slice(0, 8)}`;
}

/** Lines with their times: "19:49:12 job web: version 1 registered", "... (5 times since 19:41:00)". */
export function eventLines(told: readonly Folded[], now: number): string {
  // The first ones may say no time: they did not happen after the first that does.
  const first = told.find(({ at }) => at !== undefined)?.at ?? now;
  const rows = told.map(({ at, text, times, since }) => {
    const often = times > 1 ? ` (${times} times since ${clockText(since ?? first, now)})` : "";
    return `${clockText(at ?? first, now)} ${text}${often}`;
  });
  return rows.join("\n");
}
