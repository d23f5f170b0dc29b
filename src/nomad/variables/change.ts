import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { type Variable, variables } from "../../endpoints/variables.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { grouped, plural, some } from "../../text/words.ts";
import { maskedLines, standsForValue } from "../shared/masked.ts";
import { toolOrCommand } from "../shared/next-step.ts";
import {
  checkNamespace,
  checkPath,
  oneNamespace,
  readVariable,
  refuseLocked,
  unchanged,
  unknownVariable,
} from "./find.ts";

/** What is to become of a variable: single keys, of which the others stay as they are. */
export interface AskedChange {
  readonly path: string;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** A change of a variable, looked at against what there is. Names of keys only: values are nobody's to read. */
export interface PlannedChange {
  readonly path: string;
  /** What there is now; undefined where the variable is new. */
  readonly before: Variable | undefined;
  /** All keys as they will be. */
  readonly items: Readonly<Record<string, string>>;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Keys that were named and are so already. */
  readonly already: readonly string[];
  readonly untouched: readonly string[];
}

/** Nomad takes so many bytes of keys and values together. */
const largest = 65_536;
/** So many keys are named in a sentence. */
export const mostKeys = 12;

/**
 * Looks what a change comes to: one request, two where the variable is new.
 *
 * @throws Refusal where it cannot be: a path that can be none, nothing to change, a masked value, a lock, nothing left, too large.
 */
export async function planChange(nomad: NomadClient, { path, set, unset }: AskedChange): Promise<PlannedChange> {
  oneNamespace(nomad);
  checkPath(path, unchanged);
  const names = Object.keys(set);
  if (names.length + unset.length === 0) {
    throw new Refusal(`Say what is to be changed: set={"key":"value"}, unset=["key"]. ${unchanged}`);
  }
  const both = names.filter((name) => unset.includes(name));
  if (both.length > 0) throw new Refusal(`${some(both, mostKeys)} cannot be set and unset at once. ${unchanged}`);
  const before = await readVariable(nomad, path);
  if (before === undefined) {
    if (names.length === 0) throw await unknownVariable(nomad, path, unchanged);
    await checkNamespace(nomad);
  }
  refuseLocked(path, before);
  const had = new Map(Object.entries(before?.Items ?? {}));
  const masked = names.filter((name) => maskedLines(set[name] ?? "", had.get(name)).length > 0);
  if (masked.length > 0) {
    throw new Refusal(
      `${some(masked, mostKeys)}: ${standsForValue}, and that word would take its place. ${unchanged}\nNext: leave out of set what is to stay: keys that are not named are left as they are`,
    );
  }
  const items = Object.fromEntries([...had, ...Object.entries(set)].filter(([name]) => !unset.includes(name)));
  const size = Object.entries(items).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (Object.keys(items).length === 0) {
    const call = toolOrCommand(nomad, ["delete_variable", { path }], ["var purge", path]);
    throw new Refusal(
      `Nothing would be left of ${path}, and Nomad keeps no variable without a key. ${unchanged}\nNext: ${call}`,
    );
  }
  if (size > largest) {
    throw new Refusal(
      `${path} would have ${grouped(size)} bytes, and Nomad takes ${grouped(largest)} in one variable. ${unchanged}`,
    );
  }
  return {
    ...{ path, before, items },
    added: names.filter((name) => !had.has(name)),
    changed: names.filter((name) => had.has(name) && had.get(name) !== set[name]),
    removed: unset.filter((name) => had.has(name)),
    already: [...names.filter((name) => had.get(name) === set[name]), ...unset.filter((name) => !had.has(name))],
    untouched: [...had.keys()].filter((name) => !names.includes(name) && !unset.includes(name)).toSorted(),
  };
}

/** True where everything is already as it was asked for. */
export function changesNothing({ added, changed, removed }: PlannedChange): boolean {
  return added.length + changed.length + removed.length === 0;
}

/** Stores the change where the variable is still as it was looked at. @throws Refusal with what somebody else changed. */
export async function storeChange(nomad: NomadClient, planned: PlannedChange): Promise<Variable> {
  const { path, before, items } = planned;
  try {
    return await nomad.write(variables.put, { path, cas: before?.ModifyIndex ?? 0 }, { Path: path, Items: items });
  } catch (error) {
    throw await failure(nomad, path, before, error);
  }
}

/** Deletes a variable where it is still as it was looked at. @throws Refusal with what somebody else changed. */
export async function removeVariable(nomad: NomadClient, before: Variable): Promise<void> {
  try {
    await nomad.write(variables.delete, { path: before.Path, cas: before.ModifyIndex });
  } catch (error) {
    throw await failure(nomad, before.Path, before, error);
  }
}

/** What to say of a write that failed: of a conflict, what is otherwise; of a lost answer, how to see. */
async function failure(
  nomad: NomadClient,
  path: string,
  before: Variable | undefined,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof NomadError)) return error;
  if (error.mayHaveHappened) {
    // The command would print the values, too.
    const shown = toolOrCommand(nomad, ["get_variable", { path }], ["var get", path]);
    return new NomadError(error.kind, { ...error.request, shown }, error.reply, error.status, error);
  }
  if (error.kind !== "conflict") return error;
  const now = await readVariable(nomad, path);
  try {
    refuseLocked(path, now);
  } catch (locked) {
    return locked;
  }
  return new Refusal(`${whatChanged(path, before, now)} at this very moment. ${unchanged}\nNext: call again`);
}

function whatChanged(path: string, before: Variable | undefined, now: Variable | undefined): string {
  if (now === undefined) return `Somebody else deleted ${path}`;
  if (before === undefined) return `Somebody else made ${path} with ${some(Object.keys(now.Items ?? {}), mostKeys)}`;
  const [was, is] = [before.Items ?? {}, now.Items ?? {}];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
  const keys = names.map((name) =>
    Object.hasOwn(is, name) ? (Object.hasOwn(was, name) ? name : `${name} (new)`) : `${name} (gone)`,
  );
  return keys.length === 0
    ? `Somebody else wrote ${path} with the same keys and values`
    : `Somebody else changed ${plural(keys.length, "key")} of ${path} (${some(keys, mostKeys)})`;
}
