import type { ProblemDetails } from "./problem.ts";

/** Why a body is not taken. */
export type BodyFault = Omit<ProblemDetails, "requestId">;

/** More than any job file needs, in bytes. */
const largestBody = 2 * 1024 * 1024;
/** More than any call needs. Parsing a body of brackets alone would keep the server from everybody else for a second. */
const deepest = 64;
const mostValues = 20_000;

/** What is said of a body that is too large. The rest of it is still on its way, so the connection ends. */
const tooLarge: BodyFault = {
  kind: "too-large",
  detail: `A body has at most ${largestBody / 1024 / 1024} MiB.`,
  headers: { Connection: "close" },
};

/**
 * The body of a request as text, without the mark that some programs begin one with; what is wrong with it where it is not
 * taken. hono's own limit hands on a new Request, which cannot be made of those that the server has.
 */
export async function readBody(request: Request): Promise<string | BodyFault> {
  if (Number(request.headers.get("Content-Length")) > largestBody) return tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Its length is not said where it comes in chunks.
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > largestBody) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return { kind: "arguments", detail: "The connection ended before the body was there." };
  }
  const bytes = Buffer.concat(chunks);
  const fault = shapeFault(bytes);
  if (fault !== undefined) return { kind: "arguments", detail: fault };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { kind: "arguments", detail: "The body is not UTF-8, as JSON has to be." };
  }
}

const [quote, backslash, comma, openList, closeList, openObject, closeObject] = Buffer.from('"\\,[]{}');

/** What makes JSON too costly to parse, found without parsing it. */
function shapeFault(json: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  let isText = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (isText) {
      if (byte === backslash) index++;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === comma) values++;
    else if (byte === closeList || byte === closeObject) depth--;
    else if (byte === openList || byte === openObject) {
      values++;
      if (++depth > deepest) return `The body is nested more than ${deepest} levels deep.`;
    }
    if (values > mostValues) return `The body holds more than ${mostValues} values.`;
  }
  return undefined;
}
