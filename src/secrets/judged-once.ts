import { detached } from "./secret-values.ts";

/** So many names are known at a time; a cluster has fewer. */
const most = 5_000;
/** A longer one is judged each time, so that what is known stays small; characters. */
const longest = 128;

/** A judgement of names that is made once for each: a reply has the same ones in every row. */
export function judgedOnce<T>(judge: (name: string) => T): (name: string) => T {
  const known = new Map<string, { readonly judgement: T }>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before.judgement;
    const judgement = judge(name);
    if (name.length > longest) return judgement;
    if (known.size >= most) known.clear();
    known.set(detached(name), { judgement });
    return judgement;
  };
}
