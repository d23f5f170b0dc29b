import type { AclRules, NamedRule } from "../../../endpoints/acl.ts";
import type { Need } from "../../../endpoints/needs.ts";
import { closest, fits } from "./glob.ts";

/** What a token may do. */
export interface Rights {
  /** Whether it may do what `need` says in a namespace; `*` is any. Undefined: it cannot be told. */
  may(need: Need, namespace: string): boolean | undefined;
  /** The namespaces, or patterns of them, in which it may do anything; undefined where nothing limits it. */
  readonly namespaces?: readonly string[] | undefined;
}

/** Of a management token, and of every request where the cluster has no ACLs. */
export const unlimited: Rights = { may: () => true };

/** Of a token whose policies could not be read. */
export const untold: Rights = { may: () => undefined };

/**
 * What policies grant together, as Nomad compiles them (acl/acl.go, NewACL): capabilities of the same name or pattern are
 * joined, `deny` among them takes all of them away, and of the patterns that fit a name only the closest counts.
 */
export function rightsOf(policies: readonly AclRules[]): Rights {
  const inNamespace = joined(policies.flatMap(({ Namespaces }) => Namespaces ?? []));
  const ofPool = joined(policies.flatMap(({ NodePools }) => NodePools ?? []));
  const paths = policies
    .flatMap(({ Namespaces }) => Namespaces ?? [])
    .flatMap(({ Name, Variables }) => (Variables?.Paths ?? []).map((path) => ({ ...path, namespace: Name })));
  const levels = {
    node: highest(policies.map(({ Node }) => Node?.Policy)),
    agent: highest(policies.map(({ Agent }) => Agent?.Policy)),
    operator: highest(policies.map(({ Operator }) => Operator?.Policy)),
    plugin: highest(policies.map(({ Plugin }) => Plugin?.Policy)),
  };

  function mayHere(capability: string, namespace: string): boolean {
    const key = closest(inNamespace.keys(), namespace);
    const here = key === undefined ? undefined : inNamespace.get(key);
    // A request for all namespaces is let in where one of them allows it, and gets the rows of those.
    return here?.has(capability) || (namespace === "*" && [...inNamespace.values()].some((set) => set.has(capability)));
  }

  return {
    may(need, namespace) {
      switch (need.of) {
        case "namespace": {
          const { capabilities, finer = [] } = need;
          return (
            capabilities.every((each) => mayHere(each, namespace)) || finer.some((each) => mayHere(each, namespace))
          );
        }
        case "variables":
          // On some path: which one a call is about is not known before.
          return paths.some(
            ({ Capabilities, namespace: where }) =>
              (namespace === "*" || fits(where, namespace)) && Capabilities?.includes(need.capability),
          );
        case "node_pool":
          return [...ofPool.values()].some((set) => set.has(need.policy));
        case "management":
          return false;
        default:
          return order.indexOf(levels[need.of]) >= order.indexOf(need.policy);
      }
    },
    namespaces: [...inNamespace].filter(([, set]) => set.size > 0 && !set.has("deny")).map(([name]) => name),
  };
}

/** Capabilities by name or pattern: those of the same are joined, and `deny` among them is all that is left. */
export function joined(rules: readonly NamedRule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = new Map<string, Set<string>>();
  for (const { Name, Capabilities } of rules) {
    sets.set(Name, new Set([...(sets.get(Name) ?? []), ...(Capabilities ?? [])]));
  }
  for (const [name, set] of sets) if (set.has("deny")) sets.set(name, new Set(["deny"]));
  return sets;
}

const order = ["none", "list", "read", "write"] as const;

/** The highest of several levels; `deny` wins over all (acl.go, maxPrivilege), and is told as `none`. */
export function highest(given: readonly (string | undefined)[]): (typeof order)[number] {
  if (given.includes("deny")) return "none";
  return order.findLast((level) => given.includes(level)) ?? "none";
}
