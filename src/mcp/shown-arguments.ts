import { createHash } from "node:crypto";
import { unseal } from "../text/sealed.ts";
import { bytes } from "../text/words.ts";

/** How arguments are shown to people: in a log, in a question. */
export interface Showing {
  /** Takes out of a text what must not be shown; `name` is that of the field in which it stands. */
  mask(text: string, name: string): string;
  /** Arguments whose text is not shown, only its size and SHA-256: files. */
  readonly digests: readonly string[];
}

/** A text in place of which its size and digest are shown. */
export interface Digest {
  readonly bytes: number;
  /** Of its UTF-8, in hexadecimal. */
  readonly sha256: string;
}

/** A text that is longer is shown as its digest, too; in characters. */
const longestText = 1_000;
const longestName = 100;
const mostEntries = 50;
const deepest = 5;
/** All arguments together, as JSON; in characters. */
const longestAll = 16_000;

/**
 * A call's arguments, as they may be shown and kept: masked, files as their digests, and bounded however large, long or
 * deep they are. What cannot be masked is withheld.
 */
export function shownArguments(args: unknown, { mask, digests }: Showing): unknown {
  function shown(value: unknown, name: string, depth: number): unknown {
    if (typeof value === "string") return digests.includes(name) ? digest(value) : text(value, name);
    if (typeof value !== "object" || value === null) return value;
    if (depth === deepest) return "[deeper]";
    const entries = Object.entries(value);
    const kept = entries.slice(0, mostEntries).map(([key, held], index) => {
      const of = Array.isArray(value) ? (optionIn(entries[index - 1]?.[1]) ?? name) : key;
      return [mask(key.slice(0, longestName), ""), shown(held, of, depth + 1)] as const;
    });
    const more = entries.length - kept.length;
    if (Array.isArray(value)) return [...kept.map(([, held]) => held), ...(more > 0 ? [`[${more} more]`] : [])];
    return Object.fromEntries(more > 0 ? [...kept, ["...", `[${more} more]`] as const] : kept);
  }

  function text(value: string, name: string): string | Digest {
    return value.length > longestText ? digest(value) : mask(value, name);
  }

  try {
    const all = shown(args ?? {}, "", 0);
    return JSON.stringify(all).length > longestAll ? "[too many to show]" : all;
  } catch {
    return "[withheld: they could not be masked]";
  }
}

/** The arguments without what is secret in them: of those that are not `plain` only the keys are left, of a text its size. */
export function withoutSecrets(args: unknown, plain: readonly string[]): unknown {
  if (typeof args !== "object" || args === null) return hidden;
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      everyCall.includes(name) || plain.includes(name) ? value : keysOf(value),
    ]),
  );
}

const hidden = "[hidden]";
const hiddenText = (sealed: string) => `[hidden: ${bytes(Buffer.byteLength(unseal(sealed)))}]`;
const everyCall = ["namespace", "cluster", "confirm"];

function keysOf(value: unknown): unknown {
  if (typeof value === "string") return hiddenText(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return hidden;
  return Object.fromEntries(Object.keys(value).map((key) => [key, hidden]));
}

/** The option of a command, the value of which is the next member of a list: `["--password", "x"]`. */
function optionIn(member: unknown): string | undefined {
  return typeof member === "string" ? /^--?([A-Za-z][\w.-]{0,99})$/.exec(member)?.[1] : undefined;
}

function digest(sealed: string): Digest {
  const text = unseal(sealed);
  return { bytes: Buffer.byteLength(text), sha256: createHash("sha256").update(text).digest("hex") };
}
