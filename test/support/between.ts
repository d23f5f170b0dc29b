import { vi } from "vitest";

/**
 * Puts `meddle` between a change and what is seen of its answer: of requests whose path has `part` in it and that are no
 * GET. A file that uses it ends with `vi.restoreAllMocks()`.
 */
export function between(part: string, meddle: (send: () => Promise<Response>) => Promise<Response>): void {
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const acts = init?.method !== undefined && init.method !== "GET" && String(input).includes(part);
    return acts ? await meddle(() => fetch(input, init)) : await fetch(input, init);
  });
}

/** Has the change happen, and its answer be lost. */
export async function lost(send: () => Promise<Response>): Promise<Response> {
  await send();
  throw new TypeError("fetch failed");
}
