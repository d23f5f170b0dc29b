import { HttpError, uuidError } from "../errors.ts";
import { askedValue, compileFilter } from "../filter.ts";
import type { Call, Reply } from "../http.ts";
import { idsBy, type Owned } from "../state/by-owner.ts";

/** How a list is read: what it is made of, in which order, and how a page ends. */
export interface Listing<T> {
  items: readonly T[];
  /** What filters look at. */
  datum?: (item: T) => unknown;
  /** Compares in the order of the list. */
  order: (a: T, b: T) => number;
  /** The token that names an item. */
  token: (item: T) => string;
  stub: (item: T) => unknown;
}

/** Filters, orders and pages a list as Nomad does; the token names the first item of the next page. */
export function page<T>({ query }: Call, listing: Listing<T>): Reply {
  const test = compileFilter(query.get("filter"));
  const perPage = query.get("per_page") ?? "";
  if (perPage !== "" && !/^-?\d+$/.test(perPage))
    throw new HttpError(400, "Expect a number for `per_page` query string parameter");
  const size = Number(perPage) || 0;
  const sorted = [...listing.items].sort(listing.order);
  const reverse = query.get("reverse") === "true";
  if (reverse) sorted.reverse();
  const token = query.get("next_token") ?? "";
  // what the token names may be gone by now: then the next one begins the page
  const reached = (item: T) => compareTokens(listing.token(item), token) * (reverse ? -1 : 1) >= 0;
  const from = token === "" ? 0 : sorted.findIndex(reached);
  const rest = from < 0 ? [] : sorted.slice(from);
  const out: T[] = [];
  for (const item of rest) {
    if (!test(listing.datum ? listing.datum(item) : item)) continue;
    if (size > 0 && out.length === size) return { json: out.map(listing.stub), nextToken: listing.token(item) };
    out.push(item);
  }
  return { json: out.map(listing.stub) };
}

function compareTokens(a: string, b: string): number {
  const [x, y] = [a, b].map((token) => /^(\d+)\.(.*)$/.exec(token));
  if (x && y && x[1] !== y[1]) return Number(x[1]) - Number(y[1]);
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * All of a table, or what is of the one job or node that the filter asks for: a large cluster is not gone through for it.
 * `index`: that of the last change of the table.
 */
export function candidates<T extends Owned>({ query }: Call, index: number, table: ReadonlyMap<string, T>): T[] {
  for (const field of ["JobID", "NodeID"] as const) {
    const asked = askedValue(query.get("filter"), field);
    const ids = asked === undefined ? undefined : idsBy(field, index, table).get(asked);
    if (ids !== undefined) return ids.flatMap((id) => table.get(id) ?? []);
  }
  return [...table.values()];
}

/** Refuses an id that is no UUID. */
export function checkUuid(table: string, id: string): void {
  const error = uuidError(table, id);
  if (error) throw error;
}

/** The test that `?prefix=` makes of an id; an odd number of digits is Nomad's own error. */
export function uuidPrefix(table: string, { query }: Call): (id: string) => boolean {
  const prefix = query.get("prefix") ?? "";
  if (prefix === "") return () => true;
  const error = uuidError(table, prefix, true);
  if (error) throw error;
  const wanted = prefix.replaceAll("-", "").toLowerCase();
  return (id) => id.replaceAll("-", "").startsWith(wanted);
}

/** The test that `?namespace=` makes of an object; `*` takes all. */
export function inNamespace({ namespace }: Call): (object: { Namespace: string }) => boolean {
  return (object) => namespace === "*" || object.Namespace === namespace;
}

/** `true` and `false` in the spellings that Go takes; undefined where it is not given. */
export function flag({ query }: Call, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  const why = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new HttpError(500, `Failed to parse value of ${JSON.stringify(name)} (${text}) as a bool: ${why}`);
}

/** 405 for any other method. */
export function only({ method }: Call, ...methods: string[]): void {
  if (!methods.includes(method)) throw new HttpError(405, "Invalid method");
}

interface Indexed {
  ID: string;
  CreateIndex: number;
}

/** By age; with a prefix by id. */
export function ordering({ query }: Call): {
  order: (a: Indexed, b: Indexed) => number;
  token: (one: Indexed) => string;
} {
  const byId = (a: Indexed, b: Indexed) => (a.ID < b.ID ? -1 : 1);
  if (query.get("prefix")) return { order: byId, token: (one) => one.ID };
  return {
    order: (a, b) => a.CreateIndex - b.CreateIndex || byId(a, b),
    token: (one) => `${one.CreateIndex}.${one.ID}`,
  };
}
