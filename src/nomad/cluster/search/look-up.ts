import { NomadError } from "../../../api/errors/errors.ts";
import { search } from "../../../endpoints/search.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Holder } from "./holders.ts";
import type { Inside } from "./inside.ts";

/** What has a name and is no job and no node: namespaces, pools, volumes, plugins and variables. */
export interface Other {
  /** "namespaces" */
  readonly kind: string;
  readonly names: readonly string[];
  readonly more: boolean;
}

/** What Nomad's own search found. */
export interface LookedUp {
  readonly others: readonly Other[];
  readonly holders: readonly Holder[];
  /** Where an operator has switched off the search by a part of a name. */
  readonly onlyBeginnings: boolean;
  /** Kinds that it did not look at for this token. */
  readonly leftOut: readonly string[];
}

interface Reply<M> {
  readonly Matches: Record<string, readonly M[] | null> | null;
  readonly Truncations: Record<string, boolean> | null;
}

const kinds: readonly (readonly [context: string, kind: string])[] = [
  ["namespaces", "namespaces"],
  ["node_pools", "node pools"],
  ["plugins", "CSI plugins"],
  ["vars", "variables"],
];

/** What {@link lookUp} looks for, in the order in which answers name it. */
export const lookedUpKinds = kinds.map(([, kind]) => kind);

/** Of so many objects of a kind it looks at the names, in their order (`limit_query`; seen on 2.0.6). */
export const mostLookedUp = 20;

const inJobs: readonly (readonly [context: string, kind: Inside["kind"]])[] = [
  ["groups", "group"],
  ["tasks", "task"],
  ["services", "service"],
  ["images", "image"],
  ["commands", "command"],
];

/** Nomad's fuzzy search; where an operator has switched it off, its search by the beginning of a name. */
export async function lookUp(nomad: NomadClient, text: string): Promise<LookedUp> {
  try {
    const found = await nomad.ask(search.fuzzy, {}, { Text: text, Context: "all" });
    const names = (context: string) =>
      (found.Matches?.[context] ?? []).map(({ ID, Scope }) =>
        context === "vars" && Scope?.[0] ? `${ID} (namespace ${Scope[0]})` : ID,
      );
    return { ...others(names, found), holders: holders(found.Matches), onlyBeginnings: false };
  } catch (error) {
    if (!(error instanceof NomadError) || !/fuzzy search is not enabled/.test(error.reply)) throw error;
  }
  const found = await nomad.ask(search.prefix, {}, { Prefix: text, Context: "all" });
  return { ...others((context) => [...(found.Matches?.[context] ?? [])], found), holders: [], onlyBeginnings: true };
}

/** Truncations has a key for every kind that was looked at (nomad/search_endpoint.go). */
function others(
  names: (context: string) => string[],
  { Truncations: cut }: Pick<Reply<unknown>, "Truncations">,
): Pick<LookedUp, "others" | "leftOut"> {
  const found = kinds.map(([context, kind]) => ({ kind, names: names(context), more: cut?.[context] ?? false }));
  return {
    others: found.filter(({ names }) => names.length > 0),
    leftOut: kinds.filter(([context]) => cut?.[context] === undefined).map(([, kind]) => kind),
  };
}

/** `Scope` is the namespace, the job, and what lies between it and the name. */
function holders(
  matches: Reply<{ readonly ID: string; readonly Scope?: readonly string[] | null }>["Matches"],
): Holder[] {
  const found = new Map<string, { job: Holder["job"]; names: Inside[] }>();
  for (const [context, kind] of inJobs) {
    for (const { ID: name, Scope } of matches?.[context] ?? []) {
      const [Namespace, ID] = Scope ?? [];
      if (Namespace === undefined || ID === undefined) continue;
      const holder = found.get(`${Namespace}/${ID}`) ?? { job: { ID, Namespace }, names: [] };
      holder.names.push({ kind, name });
      found.set(`${Namespace}/${ID}`, holder);
    }
  }
  return [...found.values()];
}
