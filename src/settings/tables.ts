import * as z from "zod";
import { Refusal } from "../api/errors/refusal.ts";
import { nearest } from "../text/nearest.ts";
import { all } from "../text/words.ts";

/** Where tables of a TOML file are read from, for sentences about them. */
export interface TableSource {
  /** Where a key stands: "config.toml:12:1". */
  place(keys: readonly string[]): string;
}

/**
 * The named tables of a section, such as `[roles.viewer]`, each in the shape of `schema`.
 *
 * @throws Refusal with the place, without quoting a value, where one is not.
 */
export function readTables<S extends z.ZodObject>(
  section: string,
  value: unknown,
  schema: S,
  source: TableSource,
): ReadonlyMap<string, z.output<S>> {
  if (value === undefined) return new Map();
  const tables = z.record(z.string(), z.unknown()).safeParse(value);
  if (!tables.success) throw new Refusal(`${source.place([section])} ${section} must be tables: [${section}.name].`);
  return new Map(
    Object.entries(tables.data).map(([name, table]) => {
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.@-]{0,62}$/.test(name)) {
        throw new Refusal(
          `${source.place([section, name])}: ${JSON.stringify(name.slice(0, 80))} cannot be a name in ${section}: letters, digits, dot, dash, underscore and @.`,
        );
      }
      const parsed = schema.safeParse(table);
      if (parsed.success) return [name, parsed.data];
      throw new Refusal(fault([section, name], parsed.error, Object.keys(schema.shape), source));
    }),
  );
}

/**
 * A section that is one table, such as `[library]`, in the shape of `schema`; undefined where the file has none.
 *
 * @throws Refusal with the place, without quoting a value, where it is not.
 */
export function readTable<S extends z.ZodObject>(
  section: string,
  value: unknown,
  schema: S,
  source: TableSource,
): z.output<S> | undefined {
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(fault([section], parsed.error, Object.keys(schema.shape), source));
}

function fault(at: readonly string[], error: z.ZodError, known: readonly string[], { place }: TableSource): string {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const near = nearest(key, known);
    const there = near ? `the nearest is ${near}` : `there is ${all(known)}`;
    return `${place([...at, key])} ${[...at, key].join(".")} is not known there; ${there}.`;
  }
  const keys = [...at, ...(issue?.path.slice(0, 1).map(String) ?? [])];
  const words = issue?.message.replace(/^Invalid input: /, "") ?? "is not right";
  return `${place(keys)} ${keys.join(".")}: ${words}.`;
}
