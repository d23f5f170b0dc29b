import { vi } from "vitest";
import { wordsOf } from "../../src/nomad/cluster/check/needs.ts";
import { needsOf } from "./raw/needs.ts";
import { onUpgrade } from "./upgrades.ts";

/** What stands between the tools and Nomad, in place of its ACLs: the demo has none. */
export interface Guard {
  /** Calls `what`, and gives what its requests needed beside its outcome. */
  watch<T>(what: () => Promise<T>): Promise<{ readonly result: T; readonly needed: ReadonlySet<string> }>;
  remove(): void;
}

/**
 * Sees every request that is sent while it watches. What is not `granted` gets Nomad's own refusal; undefined: all is.
 */
export function guard(granted?: readonly string[]): Guard {
  const pass = globalThis.fetch;
  let needed: Set<string> | undefined;
  const rights = granted && new Set(granted);
  /** Whether a request is granted what it needs; true of any while nobody watches. */
  const passes = (method: string, { pathname }: URL): boolean => {
    if (needed === undefined) return true;
    const needs = needsOf(method, pathname);
    if (needs === undefined) throw new Error(`${method} ${pathname} is not in the table of capabilities`);
    const words = needs.flatMap(wordsOf);
    for (const word of words) needed.add(word);
    return rights === undefined || words.every((word) => rights.has(word));
  };
  const upgrades = onUpgrade(async (url) => (passes("GET", url) ? undefined : [403, "Permission denied"]));
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const { url, method } = new Request(input, init);
    if (passes(method, new URL(url))) return await pass(input, init);
    return new Response("Permission denied", { status: 403, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  });
  return {
    async watch(what) {
      needed = new Set();
      try {
        return { result: await what(), needed };
      } finally {
        needed = undefined;
      }
    },
    remove() {
      vi.unstubAllGlobals();
      upgrades.remove();
    },
  };
}
