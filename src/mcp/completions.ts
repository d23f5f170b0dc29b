import type { CompleteResult } from "@modelcontextprotocol/sdk/types.js";
import { seal, showLine } from "../text/sealed.ts";

/** What else has been filled in, by the name of the argument. */
export type Given = Readonly<Record<string, string>>;

/** What an argument can be, as far as it has been typed. */
export interface Suggestions {
  readonly values: readonly string[];
  /** True where there are more than these. */
  readonly more: boolean;
}

/** Finds what an argument can be. It may throw: then nothing is suggested. */
export type Completer = (typed: string, given: Given, signal: AbortSignal) => Promise<Suggestions>;

/** A person types on: what comes later than this, in ms, is of no use. */
const patience = 2_000;
/** The protocol's bound. */
const mostValues = 100;

/**
 * Suggestions as a host takes them: at most 100, those that begin with what was typed first, and within two seconds.
 * Never an error: whoever types is not told of a cluster that cannot be reached.
 */
export async function complete(
  completer: Completer | undefined,
  typed: string,
  given: Given,
  signal: AbortSignal,
): Promise<CompleteResult> {
  const sealed = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, seal(value)]));
  const { values, more } = await suggestions(completer, seal(typed), sealed, signal);
  const plain = typed.toLowerCase();
  const begins = (value: string) => (value.startsWith(typed) ? 0 : value.toLowerCase().startsWith(plain) ? 1 : 2);
  const best = [...new Set(values.map(showLine))].sort((one, other) => begins(one) - begins(other));
  const hasMore = more || best.length > mostValues;
  return { completion: { values: best.slice(0, mostValues), hasMore, ...(!hasMore && { total: best.length }) } };
}

const none: Suggestions = { values: [], more: false };

async function suggestions(
  completer: Completer | undefined,
  typed: string,
  given: Given,
  signal: AbortSignal,
): Promise<Suggestions> {
  if (completer === undefined || signal.aborted) return none;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const over = new Promise<Suggestions>((resolve) => {
    limit.addEventListener("abort", () => resolve(none), { once: true });
  });
  try {
    return await Promise.race([completer(typed, given, limit), over]);
  } catch {
    return none;
  }
}
