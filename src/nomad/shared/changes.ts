import type { ArgumentsOf, Endpoint } from "../../endpoints/endpoint.ts";
import type { NomadClient } from "../../nomad-client.ts";

/**
 * Gives an object as it is, then, call by call, as it is after each change (blocking queries, nomad-api.md §2.5); undefined
 * once the time is over or the server is to end, and from then on. `until`: ms, by this machine's clock. The server is asked to wait for all of
 * it and has waited when nothing changed, so its clock may be another one, such as a test's.
 */
export function changes<P extends string, T>(
  nomad: NomadClient,
  route: Endpoint<P, T, "reads">,
  args: ArgumentsOf<P>,
  until: number,
): () => Promise<T | undefined> {
  let seen = 0;
  let over = false;
  return async () => {
    const left = (until - Date.now()) / 1000;
    if (over || left <= 0 || nomad.hurry?.aborted) return undefined;
    // The server adds up to a sixteenth to the wait, which would outlast the time.
    const { value, index } = await nomad.watch(route, args, seen, (left * 16) / 17);
    over = index === seen;
    // Below 1 the server would not wait at all.
    seen = Math.max(1, index);
    return over ? undefined : value;
  };
}

/** A promise that is kept for later: where nobody waits for it any more, its failure is nobody's. */
export function kept<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** A timer that can be waited for together with other things. */
export function alarm(ms: number): { readonly rings: Promise<"alarm">; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const rings = new Promise<"alarm">((resolve) => {
    timer = setTimeout(() => resolve("alarm"), Math.max(0, ms));
  });
  return { rings, cancel: () => clearTimeout(timer) };
}
