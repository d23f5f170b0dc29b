import { Refusal } from "../../../api/errors/refusal.ts";
import { cutName } from "../../../text/untrusted.ts";
import { lines, plural, some } from "../../../text/words.ts";
import { jobStructs, type Keys } from "./job-keys.ts";
import { readJson } from "./json-text.ts";
import { meantKey, nearestKey } from "./key-hint.ts";

/** A job as it is sent to Nomad, with every field that its file has. */
export type JobSpec = Readonly<Record<string, unknown>>;

/**
 * A job from its JSON text: bare, or wrapped as in `{"Job": ...}`. The keys of the result are spelled as Nomad spells
 * them.
 *
 * Nomad's decoder ignores keys that it does not know, and a null in a list breaks its handler (nomad-api.md §0.8, §3.1), so
 * both are refused here, and with them every value that is not of its key's type.
 *
 * @throws Refusal that names each mistake with the path of its key.
 */
export function readJobJson(text: string): JobSpec {
  const whole = asObject(readJson(text));
  const [wrapper, wrapped] = Object.entries(whole).find(([key]) => key.toLowerCase() === "job") ?? [];
  if (wrapper === undefined) return checked(whole);
  if (isHclJson(wrapped)) {
    throw new Refusal(
      'The job file is HCL in JSON syntax ({"job": {"web": {...}}}), not Nomad\'s JSON ({"Job": {"ID": "web", ...}}). Nothing was submitted.\nNext: format=hcl submits it as HCL',
    );
  }
  const beside = Object.keys(whole).filter((key) => key !== wrapper);
  if (beside.length > 0) {
    throw new Refusal(
      `Only ${wrapper} is read of the job file, and beside it stands ${some(beside.map(shown), 5)}: take that out. Nothing was submitted.`,
    );
  }
  return checked(asObject(wrapped));
}

/** True for `{"web": {...}}`: jobs by name, not the keys of one. */
function isHclJson(wrapped: unknown): boolean {
  const entries = [wrapped].flat().flatMap((each) => (isObject(each) ? Object.entries(each) : []));
  const keys = jobStructs().get("Job");
  return entries.length > 0 && entries.every(([key, value]) => !keys?.has(key.toLowerCase()) && isObject(value));
}

function checked(job: Record<string, unknown>): JobSpec {
  const mistakes = collectMistakes();
  const read = struct(job, "Job", "", mistakes);
  mistakes.refuse();
  return read;
}

interface Mistakes {
  add(path: string, what: string): void;
  addUnknown(path: string, given: string, keys: Keys): void;
  refuse(): void;
}

/** What is wrong with a job, as much as one answer tells: a large file can have any number of mistakes. */
function collectMistakes(): Mistakes {
  const told: string[] = [];
  let untold = 0;
  let unknown = false;
  // What a key may mean takes a while to find out, so it is found out only of what is told.
  const tell = (path: string, what: () => string) => {
    if (told.length === 10) untold++;
    else told.push(`  ${shown(path)}: ${what()}`);
  };
  return {
    add: (path, what) => tell(path, () => what),
    addUnknown(path, given, keys) {
      tell(path, () => {
        const meant = meantKey(given, keys);
        unknown ||= meant === undefined;
        return meant ?? nearestKey(given, keys);
      });
    },
    refuse() {
      if (told.length === 0) return;
      throw new Refusal(
        lines(
          "The job's JSON would not arrive in Nomad as it is meant. Nothing was submitted.",
          ...told,
          untold > 0 && `  and ${plural(untold, "mistake")} more`,
          unknown && "(A key of a Nomad newer than this server can be submitted in HCL.)",
        ),
      );
    },
  };
}

function struct(value: Record<string, unknown>, name: string, path: string, mistakes: Mistakes): JobSpec {
  const keys: Keys = jobStructs().get(name) ?? new Map();
  const seen = new Set<string>();
  const read: [string, unknown][] = [];
  for (const [given, content] of Object.entries(value)) {
    const here = path === "" ? given : `${path}.${given}`;
    const key = keys.get(given.toLowerCase());
    if (key === undefined) {
      // Without a value it changes nothing, and a newer Nomad prints keys of its own that way.
      if (content !== null) mistakes.addUnknown(here, given, keys);
      continue;
    }
    if (seen.has(key.name)) mistakes.add(here, `${key.name} is there twice`);
    seen.add(key.name);
    read.push([key.name, content === null ? null : typed(content, key.type, here, mistakes)]);
  }
  return Object.fromEntries(read);
}

function typed(value: unknown, type: string, path: string, mistakes: Mistakes): unknown {
  const member = (content: unknown, where: string) => {
    const memberType = type.slice(2);
    if (content !== null || memberType === "any") return typed(content, memberType, where, mistakes);
    mistakes.add(where, "is null: take it out");
    return content;
  };
  const unless = (fits: boolean, what: string) => {
    if (!fits) mistakes.add(path, what);
    return value;
  };
  if (type.startsWith("[]")) {
    if (!Array.isArray(value)) return unless(false, "must be a list: [...]");
    return value.map((content, index) => member(content, `${path}[${index}]`));
  }
  if (type.startsWith("{}")) {
    if (!isObject(value)) return unless(false, "must be an object: {...}");
    return Object.fromEntries(Object.entries(value).map(([key, content]) => [key, member(content, `${path}.${key}`)]));
  }
  if (type === "any") return unless(!isDeeper(value, 100), "is nested too deeply");
  if (type === "string") return unless(typeof value === "string", 'must be text, in quotes: "..."');
  if (type === "bool") return unless(typeof value === "boolean", "must be true or false, without quotes");
  if (type === "int") return unless(Number.isInteger(value), "must be a whole number, without quotes");
  if (type === "duration") {
    const mistake = durationMistake(value);
    return unless(mistake === undefined, mistake ?? "");
  }
  return isObject(value) ? struct(value, type, path, mistakes) : unless(false, "must be an object: {...}");
}

function durationMistake(value: unknown): string | undefined {
  const nanoseconds = typeof value === "string" ? fromGoDuration(value) : undefined;
  if (nanoseconds !== undefined) return `durations are nanoseconds in JSON: ${nanoseconds} instead of "${value}"`;
  if (!Number.isInteger(value)) return "durations are whole nanoseconds in JSON: 30 s are 30000000000";
  // Nomad would take 30 for 30 ns in silence, and nothing of a job is that short.
  if (Number(value) > 0 && Number(value) < 1e5) {
    return `durations are nanoseconds in JSON: ${Number(value) * 1e9} for ${value} s`;
  }
  return undefined;
}

/** Units of Go's durations, in nanoseconds. */
const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

function fromGoDuration(text: string): number | undefined {
  if (text.length > 40 || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([nuµm]?s|m|h)/g)];
  return Math.round(parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0));
}

/** True where lists and objects are nested more than `levels` deep. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

function asObject(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new Refusal('The job file\'s JSON must be one job, bare or as {"Job": {...}}. Nothing was submitted.');
}

/** True for what JSON writes as `{...}`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const shown = (path: string) => cutName(path, 120);
