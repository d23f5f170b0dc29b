import { letsChange, readNeed } from "./needs.ts";
import type { Rights } from "./rights.ts";

/** What a tool declares of the requests that it sends (see needs.ts for the words). */
export interface Declared {
  readonly name: string;
  /** Without one of these it fails. */
  readonly needs?: readonly string[];
  /** Without these it answers, and with less. */
  readonly helps?: readonly string[];
}

/** What a token lacks for a tool. */
export interface Usable {
  readonly tool: string;
  /** False for one that needs nothing, so that it tells nothing of the token. */
  readonly needs: boolean;
  /** What it fails without, and where; empty: it can be used. */
  readonly lacks: readonly Lack[];
  /** What its answers are poorer without. */
  readonly misses: readonly Lack[];
  /** What cannot be told. */
  readonly untold: readonly Lack[];
}

/** A need that is not granted. */
export interface Lack {
  readonly word: string;
  /** Undefined for what is no matter of namespaces. */
  readonly namespace: string | undefined;
}

/** What `rights` lack for each tool in the namespaces that it works in. */
export function usable(tools: readonly Declared[], rights: Rights, namespaces: readonly string[]): Usable[] {
  const those = (words: readonly string[], answer: boolean | undefined): Lack[] =>
    words.flatMap((word) => {
      const need = readNeed(word);
      const spaced = need.of === "namespace" || need.of === "variables";
      const where = spaced ? namespaces : [undefined];
      return where
        .filter((namespace) => rights.may(need, namespace ?? "*") === answer)
        .map((namespace) => ({ word, namespace }));
    });
  return tools.map(({ name, needs = [], helps = [] }) => ({
    tool: name,
    needs: needs.length > 0,
    lacks: those(needs, false),
    misses: those(
      helps.filter((word) => !letsChange(word)),
      false,
    ),
    untold: those(needs, undefined),
  }));
}
