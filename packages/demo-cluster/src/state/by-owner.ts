/** The ids in a table by what a field holds, as they were when the cluster had this index. */
interface ByValue {
  readonly index: number;
  readonly size: number;
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

/** What belongs to a job, and maybe to a node. */
export type Owned = { readonly JobID: string; readonly NodeID?: string };

const indexes = { JobID: new WeakMap<object, ByValue>(), NodeID: new WeakMap<object, ByValue>() };

/** The ids of a table by owner, oldest first. `index`: that of the last change of the table. */
export function idsBy(field: keyof Owned, index: number, table: ReadonlyMap<string, Owned>): ByValue["ids"] {
  const known = indexes[field].get(table);
  if (known?.index === index && known.size === table.size) return known.ids;
  const ids = new Map<string, string[]>();
  for (const [id, { [field]: value = "" }] of table) {
    const own = ids.get(value);
    if (own) own.push(id);
    else ids.set(value, [id]);
  }
  indexes[field].set(table, { index, size: table.size, ids });
  return ids;
}
