import type { Periodic } from "../state/job-types.ts";

/** Knows when a periodic job runs next. */
export interface Cron {
  /** What is wrong with an expression; undefined if nothing. */
  error(spec: string): string | undefined;
  /** The first launch after `ms`; undefined where there is none. */
  next(periodic: Periodic, ms: number): number | undefined;
}

const FIELDS = ["second", "minute", "hour", "day-of-month", "month", "day-of-week", "year"];

/** Seven fields, as Nomad reads them: a sixth is the year, and seconds come first only with all seven. */
function fields(spec: string): string[] {
  const parts = spec.trim().split(/\s+/);
  if (parts.length === 5) return ["0", ...parts, "*"];
  return parts.length === 6 ? ["0", ...parts] : parts;
}

/** Loads the cron library; only the demo needs it. */
export async function loadCron(): Promise<Cron> {
  const { Cron: Croner } = await import("croner");
  const read = (parts: readonly string[], timezone?: string) =>
    new Croner(parts.slice(0, 7).join(" "), timezone === undefined ? {} : { timezone });
  const sound = (parts: readonly string[]) => {
    try {
      read(parts);
      return true;
    } catch {
      return false;
    }
  };
  const parse = (spec: string) => (spec.trim().startsWith("@") ? [spec.trim()] : fields(spec));
  return {
    error(spec) {
      const parts = parse(spec);
      if (sound(parts)) return undefined;
      if (parts.length < 7) return "missing field(s)";
      const wrong = parts.findIndex((part, at) => !sound(FIELDS.map((_, other) => (other === at ? part : "*"))));
      return `syntax error in ${FIELDS[wrong] ?? "minute"} field: '${parts[wrong] ?? spec}'`;
    },
    next(periodic, ms) {
      const specs = periodic.Spec === "" ? periodic.Specs : [periodic.Spec];
      const times = specs.map((spec) => read(parse(spec), periodic.TimeZone).nextRun(new Date(ms))?.getTime());
      const known = times.filter((time): time is number => time !== undefined);
      return known.length > 0 ? Math.min(...known) : undefined;
    },
  };
}
