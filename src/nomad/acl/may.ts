import type { AclRules, NamedRule } from "../../endpoints/acl.ts";
import { all, grouped } from "../../text/words.ts";
import { closest } from "../cluster/check/glob.ts";
import { highest, joined } from "../cluster/check/rights.ts";
import { namespaceWords } from "./namespace-words.ts";

/** So many namespaces, paths of one, or volumes are told. */
const most = 20;
const mostPaths = 8;

const denied = "nothing, whatever else grants it";

/**
 * What policies let their holder do together, as Nomad compiles them, a line each: in namespaces with the paths of variables,
 * to nodes and what else belongs to the whole cluster. Empty where it is nothing.
 */
export function mayLines(rules: readonly AclRules[]): string[] {
  return [...inNamespaces(rules), ...ofCluster(rules), ...byName(rules)];
}

function inNamespaces(rules: readonly AclRules[]): string[] {
  const given = rules.flatMap(({ Namespaces }) => Namespaces ?? []);
  const names = joined(given);
  const lines = [...names].slice(0, most).flatMap(([name, capabilities]) => {
    const paths = joined(
      given
        .filter((each) => each.Name === name)
        .flatMap(({ Variables }) => Variables?.Paths ?? [])
        .map(({ PathSpec, Capabilities }) => ({ Name: PathSpec, Capabilities })),
    );
    const where = name === "*" ? "any namespace" : `namespace ${name}`;
    if (capabilities.size === 0 && paths.size === 0) {
      return [
        `${where}: nothing, since the rule grants nothing there; Nomad takes a misspelt key in it without a word`,
      ];
    }
    const may = capabilities.has("deny") ? [denied] : namespaceWords(capabilities);
    const readable = paths.size > 0 || capabilities.has("deny") ? [] : ["no variables"];
    return [
      `${where}: ${[...may, ...readable].join("; ") || "variables only"}`,
      ...(paths.size > 0 ? [`  variables: ${variables(paths)}`] : []),
    ];
  });
  return [...lines, ...more(names.size, "namespaces"), ...overlaps([...names.keys()])];
}

/** Paths have capabilities of their own: those of the namespace say nothing of them. */
function variables(paths: ReadonlyMap<string, ReadonlySet<string>>): string {
  const told = [...paths].slice(0, mostPaths).map(([path, capabilities]) => {
    const verbs = ["list", "read", "write", "destroy"].filter((verb) => capabilities.has(verb));
    return `${path} (${verbs.length > 0 ? verbs.join(", ") : "nothing"})`;
  });
  const rest = paths.size - mostPaths;
  return [...told, ...(rest > 0 ? [`${grouped(rest)} more`] : [])].join("; ");
}

/** Nomad does not add up what fits a name: a surprise where a pattern grants more than a name that it fits. */
function overlaps(names: readonly string[]): string[] {
  const hidden = names.filter((name) => closest(others(names, name), name) !== undefined).slice(0, 5);
  if (hidden.length === 0) return [];
  return [`(In ${all(hidden)} only what stands there counts, not what a wider pattern grants)`];
}

const others = (names: readonly string[], name: string) => names.filter((other) => other !== name);

type Level = ReturnType<typeof highest>;

function ofCluster(rules: readonly AclRules[]): string[] {
  const operator = new Set(rules.flatMap(({ Operator }) => Operator?.Capabilities ?? []));
  const levels: readonly (readonly [of: string, given: readonly (string | undefined)[], words: Words])[] = [
    ["nodes", rules.map(({ Node }) => Node?.Policy), { read: "see", write: "see, drain, change and purge" }],
    [
      "agents",
      rules.map(({ Agent }) => Agent?.Policy),
      { read: "read configuration and logs", write: "read configuration and logs, change who belongs to the cluster" },
    ],
    [
      "servers",
      rules.map(({ Operator }) => Operator?.Policy),
      {
        read: "see their health and the scheduler's settings",
        write: "see their health, change the scheduler's and autopilot's settings",
      },
    ],
    ["CSI plugins", rules.map(({ Plugin }) => Plugin?.Policy), { list: "list", read: "see", write: "see" }],
    ["quotas (Enterprise)", rules.map(({ Quota }) => Quota?.Policy), { read: "see", write: "see and change" }],
  ];
  return levels.flatMap(([of, given, words]) => {
    if (given.includes("deny")) return [`${of}: ${denied}`];
    const level = words[highest(given)];
    const parts = [...(level ? [level] : []), ...(of === "servers" ? operatorWords(operator) : [])];
    return parts.length > 0 ? [`${of}: ${parts.join("; ")}`] : [];
  });
}

type Words = Readonly<Partial<Record<Level, string>>>;

const operatorDeeds: readonly (readonly [capability: string, words: string])[] = [
  ["snapshot-save", "save snapshots, in which all tokens and variables are"],
  ["keyring-rotate", "rotate keys"],
  ["keyring-delete", "delete keys"],
  ["keyring-read", "list keys"],
];

/** A licence is nothing that matters here. */
function operatorWords(capabilities: ReadonlySet<string>): string[] {
  if (capabilities.has("deny")) return [];
  return operatorDeeds.filter(([capability]) => capabilities.has(capability)).map(([, words]) => words);
}

/** Node pools, and the volumes of nodes, by name or pattern. */
function byName(rules: readonly AclRules[]): string[] {
  const pools = rules.flatMap(({ NodePools }) => NodePools ?? []);
  const volumes = rules.flatMap(({ HostVolumes }) => HostVolumes ?? []);
  return [
    ...named("node pool", pools, { read: "see", write: "change", delete: "delete" }),
    ...named("host volume", volumes, { "mount-readonly": "mount to read", "mount-readwrite": "write" }),
  ];
}

function named(of: string, given: readonly NamedRule[], words: Readonly<Record<string, string>>): string[] {
  const names = joined(given);
  const lines = [...names].slice(0, most).map(([name, capabilities]) => {
    const may = Object.keys(words).filter((capability) => capabilities.has(capability));
    const verbs = all(may.map((capability) => words[capability] ?? capability));
    return `${of} ${name}: ${capabilities.has("deny") ? denied : verbs || "nothing"}`;
  });
  return [...lines, ...more(names.size, `${of}s`)];
}

function more(count: number, what: string): string[] {
  return count > most ? [`${grouped(count - most)} more ${what}`] : [];
}
