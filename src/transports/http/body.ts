import type { ProblemDetails } from "./problem.ts";

/** More than any job file needs, in bytes. */
const largestBody = 2 * 1024 * 1024;

/**
 * The body of a request as text, without the mark that some programs begin one with; undefined where it is too large, of which
 * no more is read then. hono's own limit hands on a new Request, which cannot be made of those that the server has.
 */
export async function readBody(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("Content-Length")) > largestBody) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Its length is not said where it comes in chunks.
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** What is said of a body that is too large. The rest of it is still on its way, so the connection ends. */
export const tooLarge = {
  kind: "too-large",
  detail: `A body has at most ${largestBody / 1024 / 1024} MiB.`,
  headers: { Connection: "close" },
} as const satisfies Omit<ProblemDetails, "requestId">;
