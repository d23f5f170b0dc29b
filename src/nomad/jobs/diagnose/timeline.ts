import { some } from "../../../text/words.ts";
import { lastHour, type Moment } from "./moments.ts";

/** So many lines at most; the oldest are left out. */
const mostLines = 8;

/** What happened once, or again and again between two landmarks. */
interface Stretch {
  readonly subject: string;
  readonly from: number;
  to: number;
  readonly who: Set<string>;
  readonly what: Set<string>;
  failures: number;
  restarts: number;
  reschedules: number;
}

/**
 * The moments of the last hour as lines, oldest first, times in UTC: "23:01-23:09  api[0]: server exits with code 1 (5
 * times, 4 restarts)". What repeats between two landmarks is one line. `since`: where older moments are not known to be
 * all, ms: a stretch that begins there may have begun before.
 */
export function timelineLines(moments: readonly Moment[], now: number, since: number | undefined): string[] {
  const recent = moments.filter(({ at }) => at > now - lastHour && at <= now + 1_000);
  const sorted = [...recent].sort((one, other) => Math.round(one.at) - Math.round(other.at));
  const lines: { at: number; text: string }[] = [];
  let open = new Map<string, Stretch>();
  const close = () => {
    for (const stretch of open.values()) lines.push({ at: stretch.from, text: stretchLine(stretch, since) });
    open = new Map();
  };
  for (const moment of sorted) {
    if (moment.kind !== "landmark") {
      extend(open, moment);
      continue;
    }
    close();
    lines.push({ at: moment.at, text: `${clock(moment.at)}  ${moment.text}` });
  }
  close();
  const unique = lines.sort((one, other) => Math.round(one.at) - Math.round(other.at)).map(({ text }) => text);
  const told = unique.filter((text, index) => text !== unique[index - 1]);
  const rest = told.length - mostLines;
  return rest > 0 ? [`(${rest} earlier ${rest === 1 ? "line" : "lines"} left out)`, ...told.slice(-mostLines)] : told;
}

function extend(open: Map<string, Stretch>, moment: Exclude<Moment, { kind: "landmark" }>): void {
  const { at, subject, who, what, kind, count = 1 } = moment;
  const fresh = { subject, from: at, to: at, who: new Set<string>(), what: new Set<string>() };
  const stretch = open.get(subject) ?? { ...fresh, failures: 0, restarts: 0, reschedules: 0 };
  open.set(subject, stretch);
  stretch.to = at;
  stretch.who.add(who);
  if (what !== "") stretch.what.add(what);
  if (kind === "failure") stretch.failures += count;
  if (kind === "restart") stretch.restarts += count;
  if (kind === "reschedule") stretch.reschedules += count;
}

function stretchLine(
  { from, to, who, what, failures, restarts, reschedules }: Stretch,
  since: number | undefined,
): string {
  const more = since !== undefined && from <= since;
  const counts = [
    failures > 1 || more ? counted(failures, "time", more) : "",
    failures > 0 ? "" : counted(restarts, "restart", more),
    counted(reschedules, "replacement", more),
  ].filter(Boolean);
  const said = [...what].slice(0, 2).join(", ");
  const often = counts.length > 0 ? (said === "" ? counts.join(", ") : `${said} (${counts.join(", ")})`) : said;
  const when = more ? `until ${clock(to)}` : clock(from) === clock(to) ? clock(to) : `${clock(from)}-${clock(to)}`;
  return `${when}  ${some([...who], 3)}: ${often}`;
}

const counted = (count: number, one: string, more: boolean) =>
  count === 0 ? "" : `${count}${more ? "+" : ""} ${count === 1 && !more ? one : `${one}s`}`;

/** The time of day in UTC: "23:01". */
export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
