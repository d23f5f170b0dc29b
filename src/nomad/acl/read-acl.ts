import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import {
  type AclPolicyStub,
  type AclRole,
  type AclToken,
  type AuthMethod,
  acl,
  type BindingRule,
} from "../../endpoints/acl.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import { nearest } from "../../text/nearest.ts";
import { short, some } from "../../text/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { ifGiven } from "../shared/parts.ts";
import { digitsOf, idPrefix } from "../shared/uuid.ts";
import { tokenName } from "./words.ts";

/** A rule has to be read by itself: so many are. */
const mostRules = 10;

/** Who may do what: all that a management token sees, of others what the token itself has. */
export interface AclOverview {
  readonly policies: readonly AclPolicyStub[];
  readonly roles: readonly AclRole[];
  readonly methods: readonly AuthMethod[];
  /** A page of the tokens, newest first; undefined for a token that is no management token. */
  readonly tokens: Page<AclToken> | undefined;
  /** How those who log in get their rights; undefined as for tokens. */
  readonly rules: BindingRules | undefined;
  /** The accessor of the token that the client itself uses, where it has one. */
  readonly own: string | undefined;
}

export interface BindingRules {
  readonly read: readonly BindingRule[];
  readonly count: number;
}

/** What the client's own token is called; undefined where it is none with an accessor, such as that of a task. */
export async function ownToken(nomad: NomadClient): Promise<AclToken | undefined> {
  return await ifGiven(nomad.get(acl.self));
}

/** Six requests, and one for each of at most ten binding rules. */
export async function readOverview(
  nomad: NomadClient,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<AclOverview> {
  const page = { reverse: true, per_page: limit, next_token: cursor };
  const [policies, roles, methods, tokens, rules, own] = await Promise.all([
    nomad.list(acl.policies),
    nomad.list(acl.roles),
    nomad.list(acl.authMethods),
    unlessForbidden(nomad.list(acl.tokens, page)),
    unlessForbidden(readBindingRules(nomad)),
    ownToken(nomad),
  ]);
  return {
    ...{ policies: policies.items, roles: roles.items, methods: methods.items, tokens, rules },
    own: own?.AccessorID,
  };
}

/** The binding rules of the cluster, of which each is read by itself. */
export async function readBindingRules(nomad: NomadClient): Promise<BindingRules> {
  const { items } = await nomad.list(acl.bindingRules);
  const read = await Promise.all(
    items.slice(0, mostRules).map(({ ID }) => ifGiven(nomad.get(acl.bindingRule, { rule_id: ID }))),
  );
  return { read: read.flatMap((rule) => rule ?? []), count: items.length };
}

/** @throws Refusal with the nearest names. */
export async function findPolicy(nomad: NomadClient, name: string): Promise<AclPolicyStub> {
  const { items } = await nomad.list(acl.policies);
  const found = items.find(({ Name }) => Name === name);
  if (found !== undefined) return found;
  throw await unknown(nomad, `policy ${JSON.stringify(name)}`, name, items);
}

/** By its name or its id. @throws Refusal with the nearest names. */
export async function findRole(nomad: NomadClient, given: string): Promise<AclRole> {
  const { items } = await nomad.list(acl.roles);
  const found = items.find(({ ID, Name }) => Name === given || ID === given.toLowerCase());
  if (found !== undefined) return found;
  throw await unknown(nomad, `role ${JSON.stringify(given)}`, given, items);
}

/** By 8 or more characters of its accessor id, or by its name. The client's own needs no rights. @throws Refusal with the candidates. */
export async function findToken(nomad: NomadClient, given: string): Promise<AclToken> {
  const own = await ownToken(nomad);
  if (own !== undefined && (own.Name === given || begins(own, given))) return own;
  const byId = await tokensOf(nomad, given);
  if (byId.length > 0) return one(byId, given);
  const { items } = await nomad.list(acl.tokens, { filter: `Name contains ${literal(given)}`, per_page: 20 });
  const called = items.filter(({ Name }) => Name === given);
  if (called.length > 0 || items.length === 0) return one(called, given);
  const near = some(items.map(tokenName), 6);
  throw new Refusal(`There is no token ${shown(given)}. In the names of these it stands: ${near}.`);
}

/** The token that a change is about, of which 8 or more characters of its accessor id are given. @throws Refusal with the candidates. */
export async function exactToken(nomad: NomadClient, given: string): Promise<AclToken> {
  const digits = digitsOf(given.trim());
  if (digits === undefined || digits.length < 8) {
    throw new Refusal(
      `${shown(given)} is not the accessor id of a token: give 8 or more characters of it, as list_acl shows it. ${unchanged}`,
    );
  }
  return one(await tokensOf(nomad, given), given, ` ${unchanged}`);
}

/** The tokens whose accessor id begins so. */
async function tokensOf(nomad: NomadClient, given: string): Promise<readonly AclToken[]> {
  const digits = digitsOf(given.trim());
  if (digits === undefined || digits.length < 8) return [];
  const { items } = await nomad.list(acl.tokens, { prefix: idPrefix(digits), per_page: 20 });
  return items.filter((token) => begins(token, given));
}

function begins({ AccessorID }: AclToken, given: string): boolean {
  const digits = digitsOf(given.trim());
  return digits !== undefined && digits.length >= 8 && AccessorID.replaceAll("-", "").startsWith(digits);
}

function one(found: readonly AclToken[], given: string, end = ""): AclToken {
  const [only, ...others] = found;
  if (only === undefined)
    throw new Refusal(`There is no token ${shown(given)}: it may be revoked, or expired and deleted.${end}`);
  if (others.length === 0) return only;
  const ids = found.map(({ AccessorID, Name }) => `${short(AccessorID)} (${Name})`);
  throw new Refusal(
    `There are ${found.length} tokens ${shown(given)}: ${some(ids, 6)}. Name one by its accessor id.${end}`,
  );
}

/** Somebody may have given the secret of a token in place of its accessor id. */
const shown = (given: string) => (digitsOf(given.trim()) === undefined ? JSON.stringify(given) : short(given.trim()));

/** A token that is no management token sees only what it has itself: the others may be there all the same. */
async function unknown(
  nomad: NomadClient,
  what: string,
  given: string,
  items: readonly { readonly Name: string }[],
): Promise<Refusal> {
  const names = items.map(({ Name }) => Name);
  const near = nearest(given, names);
  const instead = near !== undefined ? ` Nearest: ${near}.` : names.length > 0 ? ` Known: ${some(names, 12)}.` : "";
  const seesAll = (await ownToken(nomad))?.Type === "management";
  const missing = seesAll
    ? `There is no ${what}.`
    : `This server's token sees no ${what}: of others than its own, only a management token does.`;
  return new Refusal(`${missing}${instead}`);
}

async function unlessForbidden<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NomadError && error.kind === "forbidden") return undefined;
    throw error;
  }
}
