/** Nanoseconds in a millisecond, a second, a minute, an hour. */
export const MS = 1e6;
/** ns */
export const SECOND = 1e9;
/** ns */
export const MINUTE = 60 * SECOND;
/** ns */
export const HOUR = 60 * MINUTE;

/** A moment (ns since 1970) as Go writes a time: RFC 3339, no trailing zeros; 0 is Go's zero time, null here as in Nomad's JSON. */
export function goTime(ns: number): string | null {
  if (ns === 0) return null;
  const micros = Math.round(ns / 1000);
  const seconds = Math.floor(micros / 1e6);
  const fraction = String(micros - seconds * 1e6)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction ? `.${fraction}` : ""}Z`;
}

/** The moment that `goTime` wrote, in ns; 0 for null. */
export function fromGoTime(text: string | null): number {
  if (!text) return 0;
  const match = /^(.{19})(?:\.(\d+))?Z$/.exec(text);
  if (!match) return 0;
  return Date.parse(`${match[1]}Z`) * MS + Number((match[2] ?? "").padEnd(9, "0").slice(0, 9) || 0);
}

/** A duration (ns) as Go's Duration.String(): "1m30s", "1.118293702s", "0s". */
export function goDuration(ns: number): string {
  if (ns === 0) return "0s";
  const sign = ns < 0 ? "-" : "";
  const abs = Math.abs(ns);
  const trim = (value: number, unit: number, digits: number) => {
    const whole = Math.floor(value / unit);
    const fraction = String(Math.round(value - whole * unit))
      .padStart(digits, "0")
      .replace(/0+$/, "");
    return `${whole}${fraction ? `.${fraction}` : ""}`;
  };
  if (abs < 1000) return `${sign}${abs}ns`;
  if (abs < MS) return `${sign}${trim(abs, 1000, 3)}µs`;
  if (abs < SECOND) return `${sign}${trim(abs, MS, 6)}ms`;
  const hours = Math.floor(abs / HOUR);
  const minutes = Math.floor((abs - hours * HOUR) / MINUTE);
  const rest = abs - hours * HOUR - minutes * MINUTE;
  return `${sign}${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${trim(rest, SECOND, 9)}s`;
}

const UNITS: Record<string, number> = { ns: 1, us: 1000, µs: 1000, μs: 1000, ms: MS, s: SECOND, m: MINUTE, h: HOUR };

/** A Go duration such as "1m30s" in ns, or the text of Go's error. */
export function parseGoDuration(text: string): number | { error: string } {
  const quoted = JSON.stringify(text);
  if (/^[+-]?0$/.test(text)) return 0;
  const body = text.replace(/^[+-]/, "");
  if (body === "") return { error: `time: invalid duration ${quoted}` };
  let rest = body;
  let total = 0;
  while (rest !== "") {
    const match = /^(\d+\.?\d*|\.\d+)/.exec(rest);
    if (!match) return { error: `time: invalid duration ${quoted}` };
    rest = rest.slice(match[0].length);
    const unit = /^[^\d.]+/.exec(rest)?.[0] ?? "";
    if (unit === "") return { error: `time: missing unit in duration ${quoted}` };
    const scale = UNITS[unit];
    if (scale === undefined) return { error: `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}` };
    rest = rest.slice(unit.length);
    total += Number(match[0]) * scale;
  }
  return Math.round(text.startsWith("-") ? -total : total);
}
