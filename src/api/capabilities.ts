import type { Need } from "../endpoints/needs.ts";
import { all } from "../text/words.ts";

/**
 * The shortest ACL policy that grants `needs` in a namespace, as HCL; empty where none of them can be granted by a policy
 * or none is needed. Capabilities stand in alphabetical order, each once.
 */
export function policyFor(needs: readonly Need[], namespace: string): string {
  const inNamespace = sorted(needs.flatMap((need) => (need.of === "namespace" ? need.capabilities : [])));
  const ofVariables = sorted(needs.flatMap((need) => (need.of === "variables" ? [need.capability] : [])));
  const blocks = (["node", "agent", "operator", "plugin", "node_pool"] as const).flatMap((of) => {
    const levels = needs.flatMap((need) => (need.of === of ? [need.policy] : []));
    const label = of === "node_pool" ? `${of} "*"` : of;
    return levels.length === 0 ? [] : [`${label} { policy = "${highest(levels)}" }`];
  });
  return [namespaceBlock(namespace, inNamespace, ofVariables), ...blocks].filter(Boolean).join("\n");
}

function namespaceBlock(name: string, capabilities: readonly string[], variables: readonly string[]): string {
  const own = capabilities.length > 0 ? `capabilities = ${list(capabilities)}` : "";
  if (variables.length === 0) return own && `namespace ${JSON.stringify(name)} { ${own} }`;
  const inner = [own, `variables { path "*" { capabilities = ${list(variables)} } }`].filter(Boolean);
  return `namespace ${JSON.stringify(name)} {\n${inner.map((line) => `  ${line}`).join("\n")}\n}`;
}

/** What is needed, in words: "the capability read-job in namespace prod and node read". */
export function needText(needs: readonly Need[], namespace: string): string {
  // A list of all namespaces has those in which the token may look, and fails only where there is none.
  const where = namespace === "*" ? "in at least one namespace" : `in namespace ${namespace}`;
  const words = needs.map((need) => {
    switch (need.of) {
      case "namespace": {
        const many = need.capabilities.length > 1 ? "capabilities" : "capability";
        return `the ${many} ${all(need.capabilities)} ${where}`;
      }
      case "variables":
        return `the capability ${need.capability} on this path of the variables ${where}`;
      case "node_pool":
        return `${need.policy} on the node pool`;
      case "management":
        return "to be a management token: no policy grants this";
      default:
        return `${need.of}:${need.policy}`;
    }
  });
  return all(words);
}

/** The capabilities that will do, too, on servers that know them: from Nomad 1.11.2 on. */
export function finerOf(needs: readonly Need[]): string[] {
  return needs.flatMap((need) => (need.of === "namespace" ? (need.finer ?? []) : []));
}

const list = (words: readonly string[]) => `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
const sorted = (words: readonly string[]) => [...new Set(words)].sort();
const order = ["list", "read", "write"] as const;
const highest = (levels: readonly (typeof order)[number][]) => order.findLast((level) => levels.includes(level));
