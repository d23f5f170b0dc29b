import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type Renewed, renewed, type Watching } from "../api/connect/renewed.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { readTables } from "../settings/tables.ts";
import { type Parse, readToml } from "../settings/toml.ts";
import { nearest } from "../text/nearest.ts";
import { all } from "../text/words.ts";
import { type Principal, principalId } from "./principal.ts";
import type { Role } from "./roles.ts";

/** A key begins with this, so that scanners of repositories know one. */
const prefix = "nmcp_";

/** A new key of 256 random bits, and what a file keeps of it: a fast hash is right for what nobody can guess. */
export function newKey(): { readonly key: string; readonly hash: string } {
  const key = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { key, hash: `sha256:${digestOf(key).toString("hex")}` };
}

/** The keys that are valid, as their file has them now. */
export interface Keys {
  /** Whose key it is; undefined for one that is unknown or has expired. */
  find(key: string): Principal | undefined;
  /** Why the file as it is now cannot be used; undefined where it can. */
  trouble(): string | undefined;
}

interface Known {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** A table `[keys.NAME]`. */
const table = z.strictObject({
  hash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits: nomad-mcp key new prints it"),
  role: z.string().optional(),
  expires: z
    .union([z.date(), z.iso.date(), z.iso.datetime({ offset: true })], "must be a date, such as 2027-03-01")
    .optional(),
});

/** Where keys come from. */
export interface KeysSource {
  readonly file: string;
  /** What the operator calls the setting that names it. */
  readonly setting: string;
  readonly parse: Parse;
  readonly roles: ReadonlyMap<string, Role>;
}

/**
 * The keys of a file, read again when it changes.
 *
 * @throws Refusal where the file is not right, has no key, or a key has no role where there are some.
 */
export function openKeys(
  { file, setting, parse, roles }: KeysSource,
  watching: Watching & { clock?: () => number } = {},
): Keys {
  const source: Renewed<ReadonlyMap<string, Known>> = renewed(
    () => [file],
    () => readKeys(file, setting, parse, roles),
    watching,
  );
  const clock = watching.clock ?? Date.now;
  return {
    find(key) {
      const digest = digestOf(key);
      const known = source.current().get(digest.toString("hex"));
      // The Map is asked by a digest, of which nobody can choose a part; the comparison leaks no time either.
      if (known === undefined || !timingSafeEqual(known.digest, digest)) return undefined;
      const { expires = Number.POSITIVE_INFINITY } = known.principal;
      return expires > clock() ? known.principal : undefined;
    },
    trouble: source.trouble,
  };
}

/** The one key of a start that nothing was set for. */
export function onlyKey(key: string, principal: Principal): Keys {
  const digest = digestOf(key);
  return {
    find: (given) => (timingSafeEqual(digest, digestOf(given)) ? principal : undefined),
    trouble: () => undefined,
  };
}

function readKeys(
  file: string,
  setting: string,
  parse: Parse,
  roles: ReadonlyMap<string, Role>,
): ReadonlyMap<string, Known> {
  const source = readToml(file, setting, parse);
  const tables = readTables("keys", source.root.keys, table, source);
  if (tables.size === 0) throw new Refusal(`${setting}: ${file} has no key: nomad-mcp key new NAME makes one.`);
  const found = new Map<string, Known>();
  for (const [name, { hash, role, expires }] of tables) {
    const at = (key: string) => `${source.place(["keys", name, key])} keys.${name}`;
    const hex = hash.slice("sha256:".length);
    const twin = found.get(hex)?.principal.name;
    if (twin !== undefined)
      throw new Refusal(`${at("hash")} is the same key as keys.${twin}: give everybody one of their own.`);
    const principal: Principal = {
      ...{ id: principalId("key", name), name, auth: "key", role: roleOf(role, roles, at("role")) },
      ...(expires !== undefined && { expires: new Date(expires).getTime() }),
    };
    found.set(hex, { digest: Buffer.from(hex, "hex"), principal });
  }
  return found;
}

function roleOf(name: string | undefined, roles: ReadonlyMap<string, Role>, at: string): Role | undefined {
  if (name === undefined) {
    if (roles.size === 0) return undefined;
    throw new Refusal(`${at} has no role: give it ${all([...roles.keys()], "or")}.`);
  }
  const role = roles.get(name);
  if (role?.token === "login") {
    throw new Refusal(
      `${at}: the role ${name} has token = "login", for which people sign in at the provider: a key brings nothing to sign in with, so give it another role.`,
    );
  }
  if (role !== undefined) return role;
  const near = nearest(name, [...roles.keys()]);
  const there =
    roles.size === 0
      ? "the settings file has none"
      : near
        ? `the nearest is ${near}`
        : `there is ${all([...roles.keys()])}`;
  throw new Refusal(`${at}: there is no role ${JSON.stringify(name.slice(0, 80))}; ${there}.`);
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
