import { HttpError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import type { Shelves } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";
import { only, page } from "./lists.ts";

/** How a list of what is on the shelf is read. */
export interface ShelfList<T extends keyof Shelves> {
  /** Which of the objects are listed; all without it. */
  among?: (object: Shelves[T], key: string) => boolean;
  /** What filters look at. */
  datum?: (object: Shelves[T]) => unknown;
  stub?: (object: Shelves[T]) => unknown;
  /** true: in the order in which they were made, instead of that of their names. */
  byAge?: boolean;
}

/** GET of a list: in its order, filtered, paged, and waiting where that is asked. */
export function shelfList<T extends keyof Shelves>(
  store: Store,
  call: Call,
  table: T,
  { among = () => true, datum = (object) => object, stub = (object) => object, byAge = false }: ShelfList<T> = {},
): Promise<Reply> {
  only(call, "GET");
  const look = () => {
    const entries: [string, Shelves[T]][] = [...store.shelf[table]];
    const reply = page(call, {
      items: entries.filter(([key, object]) => among(object, key)),
      datum: ([, object]) => datum(object),
      order: ([a, one], [b, other]) => (byAge && one.CreateIndex - other.CreateIndex) || (a < b ? -1 : 1),
      token: ([key, { CreateIndex }]) => (byAge ? `${CreateIndex}.${key}` : key),
      stub: ([, object]) => stub(object),
    });
    return { index: store.tables[table], reply };
  };
  return query(store, call, (change) => change.table === table, look);
}

/** GET of one object, with Nomad's words where there is none. */
export function shelfGet<T extends keyof Shelves>(
  store: Store,
  call: Call,
  table: T,
  {
    key,
    missing,
    whole = (object) => object,
  }: { key: string; missing: string; whole?: (object: Shelves[T]) => unknown },
): Promise<Reply> {
  only(call, "GET");
  const look = () => {
    const found = store.shelf[table].get(key);
    const reply = found === undefined ? new HttpError(404, missing) : { json: whole(found) };
    return { index: found?.ModifyIndex ?? store.tables[table], reply };
  };
  return query(store, call, (change) => change.table === table && change.id === key, look);
}

/** Writes an object, and gives it as it is on the shelf then. */
export function shelve<T extends keyof Shelves>(store: Store, table: T, key: string, object: Shelves[T]): Shelves[T] {
  let kept = object;
  store.write((put) => {
    kept = put.shelve(table, key, object);
  });
  return kept;
}

/** Takes an object off the shelf; gives the index of that. */
export function unshelve(store: Store, table: keyof Shelves, key: string): number {
  return store.write((put) => put.unshelve(table, key));
}

/** What `?cas=` says: the index that the object has to have, undefined where it does not matter. */
export function checkIndex({ query }: Call): number | undefined {
  const text = query.get("cas") ?? "";
  if (text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new HttpError(400, `can not parse cas: ${why}`);
}
