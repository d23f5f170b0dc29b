import { faultIn, rootCause } from "../../api/connect/fault.ts";

/** For a document, in ms; and its longest, in characters. */
const patience = 5_000;
const longestDocument = 1024 * 1024;

/** A JSON object at an address. Redirects are not followed. @throws Error for the operator, which says why there is none. */
export async function documentAt(
  address: string,
  way: { readonly fetch: typeof fetch },
  headers: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const response = await way.fetch(address, {
      ...{ redirect: "manual", headers: { Accept: "application/json", ...headers } },
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    if (response.status === 200) return objectIn(text, address);
    throw new Error(`${address} answers with status ${response.status}`);
  } catch (error) {
    const fault = faultIn(error);
    if (fault !== undefined) throw new Error(fault.message, { cause: error });
    const cause = rootCause(error);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(why.includes(address) ? why : `${address}: ${why}`, { cause: error });
  }
}

function objectIn(text: string, address: string): Record<string, unknown> {
  try {
    const value: unknown = text.length > longestDocument ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below, without the text, which may be anything.
  }
  throw new Error(`what ${address} answers is no JSON object`);
}
