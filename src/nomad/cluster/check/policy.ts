import { policyFor } from "../../../api/capabilities.ts";
import { letsChange, readNeed } from "./needs.ts";
import type { Declared } from "./usable.ts";

/** True for a tool that a token which may change nothing can use. To plan a change needs the right to make it, in most versions. */
export function needsToRead({ needs = [] }: Declared): boolean {
  return !needs.some(letsChange);
}

/** The smallest ACL policy with which tools give all that they can in a namespace, as HCL; empty where they need nothing. */
export function policyOf(tools: readonly Declared[], namespace: string): string {
  const words = tools.flatMap(({ needs = [], helps = [] }) => [...needs, ...helps.filter((word) => !letsChange(word))]);
  return policyFor([...new Set(words)].sort().map(readNeed), namespace);
}
