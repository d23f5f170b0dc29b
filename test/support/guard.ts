import { AsyncLocalStorage } from "node:async_hooks";
import { vi } from "vitest";
import { wordsOf } from "../../src/nomad/cluster/check/needs.ts";
import { needsOf } from "./raw/needs.ts";
import { onUpgrade } from "./upgrades.ts";

/** What stands between the tools and Nomad, in place of its ACLs: the demo has none. */
export interface Guard {
  /** Calls `what`, and gives what its requests needed, each word with those that needed it, beside its outcome. */
  watch<T>(what: () => Promise<T>): Promise<{ readonly result: T; readonly needed: Needed }>;
  remove(): void;
}

/** `read-job` and the like, each with the requests that need it: `GET /v1/jobs`. */
export type Needed = ReadonlyMap<string, ReadonlySet<string>>;

/** For whom something is done: others of this process may send as well meanwhile, such as what an earlier test left running. */
const watched = new AsyncLocalStorage<Map<string, Set<string>>>();

/**
 * Sees every request that comes of what it watches. What is not `granted` gets Nomad's own refusal; undefined: all is.
 */
export function guard(granted?: readonly string[]): Guard {
  const pass = globalThis.fetch;
  const rights = granted && new Set(granted);
  let needed: Map<string, Set<string>> | undefined;
  /** Whether a request is granted what it needs; true of any that does not come of what is watched. */
  const passes = (method: string, { pathname }: URL): boolean => {
    if (needed === undefined || watched.getStore() !== needed) return true;
    const needs = needsOf(method, pathname);
    if (needs === undefined) throw new Error(`${method} ${pathname} is not in the table of capabilities`);
    const words = needs.flatMap(wordsOf);
    for (const word of words) needed.set(word, (needed.get(word) ?? new Set()).add(`${method} ${pathname}`));
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
      needed = new Map();
      try {
        return { result: await watched.run(needed, what), needed };
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
