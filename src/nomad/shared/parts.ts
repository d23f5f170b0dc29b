import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";

/** One of several reads that an answer is made of: what it gave, or why it gave nothing. */
export type Part<T> = { readonly value: T } | { readonly failed: NomadError | Refusal };

/**
 * Lets a read fail alone, or be refused by the operator's gates, so that the others still answer.
 *
 * @throws NomadError where the call itself was cancelled.
 */
export async function part<T>(signal: AbortSignal, read: Promise<T>): Promise<Part<T>> {
  try {
    return { value: await read };
  } catch (error) {
    if ((error instanceof NomadError || error instanceof Refusal) && !signal.aborted) return { failed: error };
    throw error;
  }
}

/** What a part gave; undefined where it failed. */
export function given<T>(one: Part<T>): T | undefined {
  return "value" in one ? one.value : undefined;
}

/** @throws NomadError or Refusal, the first of them, where no part gave anything: then it is not the parts that are wrong. */
export function requireSome(parts: readonly Part<unknown>[]): void {
  const failed = parts.flatMap((each) => ("failed" in each ? [each.failed] : []));
  if (failed[0] !== undefined && failed.length === parts.length) throw failed[0];
}

/** A part that the answer can do without: undefined where Nomad does not give it. */
export async function ifGiven<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NomadError && error.kind !== "cancelled") return undefined;
    throw error;
  }
}
