const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** A span for people, from ms: "14s", "3m", "1h20m", "2d4h". Below a second: "0s" is never said, "<1s" is. */
export function span(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  if (seconds === 0) return "<1s";
  const first = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[first] ?? ["s", 1];
  const whole = Math.floor(seconds / size);
  const [nextUnit, nextSize] = units[first + 1] ?? ["", 1];
  const rest = Math.floor((seconds % size) / nextSize);
  // Two units only where the second one still says something.
  return whole < 10 && rest > 0 && nextUnit !== "" ? `${whole}${unit}${rest}${nextUnit}` : `${whole}${unit}`;
}

/** How old something is: "12m". Both times in ms since the epoch; seconds are told only within the first minute. */
export function age(then: number, now: number): string {
  const ms = now - then;
  return span(ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000);
}

/** When something was, for people: "12m ago". */
export function ago(then: number, now: number): string {
  return now - then < 1_000 ? "just now" : `${age(then, now)} ago`;
}

/** ms since the epoch from Nomad's nanoseconds. Nomad's 0 means "not set", and gives undefined. */
export function fromNanoseconds(nanoseconds: number | null | undefined): number | undefined {
  return nanoseconds ? nanoseconds / 1e6 : undefined;
}

/** ms since the epoch from a time as Go writes it; undefined for null and for Go's zero time (year 1), which mean "not set". */
export function fromGoTime(text: string | null | undefined): number | undefined {
  if (!text || text.startsWith("0001-")) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** A duration as a job file writes it, from nanoseconds, exact: "30s", "1h30m", "250ms". */
export function duration(nanoseconds: number): string {
  if (nanoseconds % 1e9 !== 0) return `${nanoseconds / 1e6}ms`;
  let left = nanoseconds / 1e9;
  let text = "";
  for (const [unit, size] of units.slice(1)) {
    if (left >= size) text += `${Math.floor(left / size)}${unit}`;
    left %= size;
  }
  return text || "0s";
}

/** An absolute time, to the second, in UTC: "2026-11-20T19:49:12Z". */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
