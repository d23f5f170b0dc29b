import { NomadError } from "../../../api/errors/errors.ts";
import { search } from "../../../endpoints/search.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Holder, Inside } from "./inside.ts";

/** What Nomad's own search finds and no list does: namespaces, pools, volumes, plugins and variables. */
export interface Other {
  /** "namespaces" */
  readonly kind: string;
  readonly names: readonly string[];
  readonly more: boolean;
}

interface FuzzyReply {
  readonly Matches: Record<string, readonly { ID: string; Scope?: readonly string[] | null }[] | null> | null;
  readonly Truncations: Record<string, boolean> | null;
}

const kinds: readonly (readonly [context: string, kind: string])[] = [
  ["namespaces", "namespaces"],
  ["node_pools", "node pools"],
  ["volumes", "CSI volumes"],
  ["host_volumes", "host volumes"],
  ["plugins", "CSI plugins"],
  ["vars", "variables"],
];

/** Of these `Scope` begins with the namespace. */
const namespaced = ["volumes", "host_volumes", "vars"];

const inJobs: readonly (readonly [context: string, kind: Inside["kind"]])[] = [
  ["groups", "group"],
  ["tasks", "task"],
  ["services", "service"],
  ["images", "image"],
  ["commands", "command"],
];

/** Nomad's fuzzy search; where an operator has switched it off, its search by the beginning of a name. */
export async function lookUp(
  nomad: NomadClient,
  text: string,
): Promise<{ readonly others: readonly Other[]; readonly holders: readonly Holder[] }> {
  try {
    const found = await nomad.ask(search.fuzzy, {}, { Text: text, Context: "all" });
    const names = (context: string) =>
      (found.Matches?.[context] ?? []).map(({ ID, Scope }) =>
        namespaced.includes(context) && Scope?.[0] ? `${ID} (namespace ${Scope[0]})` : ID,
      );
    return { others: others(names, found.Truncations), holders: holders(found.Matches) };
  } catch (error) {
    if (!(error instanceof NomadError) || !/fuzzy search is not enabled/.test(error.reply)) throw error;
  }
  const found = await nomad.ask(search.prefix, {}, { Prefix: text, Context: "all" });
  return { others: others((context) => [...(found.Matches?.[context] ?? [])], found.Truncations), holders: [] };
}

function others(names: (context: string) => string[], cut: Record<string, boolean> | null): Other[] {
  const found = kinds.map(([context, kind]) => ({ kind, names: names(context), more: cut?.[context] ?? false }));
  return found.filter(({ names }) => names.length > 0);
}

/** `Scope` is the namespace, the job, and what lies between it and the name. */
function holders(matches: FuzzyReply["Matches"]): Holder[] {
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
