import type { Need } from "../../../endpoints/needs.ts";

/**
 * A need as tools declare it: `read-job` is a capability in the namespace of the call, `submit-job|plan-job` any one of
 * several, `variables:read` one on the path of a variable, `node:read` a level; and `management`.
 */
export function wordsOf(need: Need): string[] {
  switch (need.of) {
    case "namespace":
      if (need.capabilities.length > 1) return [...need.capabilities];
      return [[...need.capabilities, ...(need.finer ?? [])].join("|")];
    case "variables":
      return [`variables:${need.capability}`];
    case "management":
      return ["management"];
    default:
      return [`${need.of}:${need.policy}`];
  }
}

/** The need that a word stands for. @throws Error where it is none: a mistake in a tool's declaration. */
export function readNeed(word: string): Need {
  if (word === "management") return { of: "management" };
  const [scope = "", level] = word.split(":");
  if (level === undefined) {
    const [first = "", ...finer] = word.split("|");
    return { of: "namespace", capabilities: [first], ...(finer.length > 0 && { finer }) };
  }
  const variable = (["list", "read", "write", "destroy"] as const).find((each) => each === level);
  if (scope === "variables" && variable !== undefined) return { of: "variables", capability: variable };
  const of = (["node", "agent", "operator", "plugin", "node_pool"] as const).find((each) => each === scope);
  const policy = (["list", "read", "write"] as const).find((each) => each === level);
  if (of === undefined || policy === undefined) throw new Error(`${JSON.stringify(word)} is no need of a request`);
  return { of, policy };
}

/**
 * True for a need that lets a token change things: nobody should grant it only to have better answers. Such a capability has
 * finer ones beside it since Nomad 1.11.2, which older versions do not take.
 */
export function letsChange(word: string): boolean {
  return word === "management" || word.includes("|");
}

/** A need in a sentence: `submit-job` of `submit-job|register-job`, as it has to be granted on any version. */
export function plainWord(word: string): string {
  return word.split("|", 1)[0] ?? word;
}
