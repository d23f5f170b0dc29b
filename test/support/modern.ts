import type { NetworkServer } from "./network-server.ts";

/** The keys of `_meta` by which a request of protocol revision 2026-07-28 says who asks. */
export const metaOf = (said: Record<string, unknown> = {}): Record<string, unknown> => ({
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "host", version: "3" },
  "io.modelcontextprotocol/clientCapabilities": {},
  ...said,
});

/** A client that can show its person a form. */
export const asking = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };

/** What a request came to. */
export interface ModernReply {
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly content?: readonly { readonly text: string }[];
    readonly isError?: boolean;
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A request as it is to be, its headers and its body, to be changed by a test. */
export function modernRequest(method: string, params: Record<string, unknown> = {}, said = {}) {
  const { name, uri } = params;
  const about = name ?? uri;
  return {
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof about === "string" && { "mcp-name": about }),
    } as Record<string, string>,
    body: { jsonrpc: "2.0", id: 7, method, params: { ...params, _meta: metaOf(said) } } as Record<string, unknown>,
  };
}

/** Sends such a request, and gives its reply with its status; `changed`: what is otherwise in its headers. */
export async function askModern(
  { ask }: NetworkServer,
  who: string,
  { headers, body }: ReturnType<typeof modernRequest>,
  signal?: AbortSignal,
): Promise<{ readonly response: Response; read(): Promise<readonly (ModernReply & { method?: string })[]> }> {
  const init = { who, method: "POST", headers, body: JSON.stringify(body), ...(signal && { signal }) };
  const response = await ask("/mcp", init);
  return {
    response,
    async read() {
      const text = await response.text();
      if (response.headers.get("content-type") !== "text/event-stream") return text === "" ? [] : [JSON.parse(text)];
      return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
    },
  };
}
