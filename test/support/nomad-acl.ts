import { onTestFinished } from "vitest";
import { serve } from "./authority.ts";
import { recorded } from "./recorded-state.ts";

/** What Nomad says of a token at /v1/acl/token/self. */
export interface Said {
  readonly status: number;
  readonly body: unknown;
}

/** A request as Nomad saw it: method, path and token. */
export type SeenByNomad = readonly [method: string, path: string, token: string | undefined];

/** A Nomad with ACLs. */
export interface NomadWithAcl {
  readonly address: string;
  /** What it says of each token; of any other that it does not know it. Changes count at once. */
  readonly tokens: Map<string, Said>;
  readonly seen: SeenByNomad[];
  /** Ends it; whoever asks finds nobody. */
  stop(): Promise<void>;
}

/** What a real Nomad said of a token, changed by `edit`. */
export function saidOf(file: string, edit: object = {}): Said {
  const { status, body } = recorded<object | string>(`acl/${file}.json`);
  return { status, body: typeof body === "string" ? body : { ...body, ...edit } };
}

const unknown = saidOf("self-unknown");

/**
 * A Nomad that answers by what was recorded who a token is, and else as the cluster at `target`, which has no ACLs: to known tokens
 * alone, changes only to those that have a policy "ops". `target`: where nothing else is asked, none.
 */
export async function nomadWithAcl(target?: string): Promise<NomadWithAcl> {
  const tokens = new Map<string, Said>();
  const seen: SeenByNomad[] = [];
  const server = await serve(async (request, response) => {
    const { method = "GET", url = "" } = request;
    const token = request.headers["x-nomad-token"];
    const { pathname } = new URL(url, "http://nomad.test");
    seen.push([method, pathname, typeof token === "string" ? token : undefined]);
    const said = tokens.get(String(token)) ?? unknown;
    const text = (status: number, body: unknown) => {
      const plain = typeof body === "string";
      response.writeHead(status, { "Content-Type": plain ? "text/plain" : "application/json" });
      response.end(plain ? body : JSON.stringify(body));
    };
    if (pathname === "/v1/acl/token/self") return text(said.status, said.body);
    const { Policies = [] } = said.body as { Policies?: readonly string[] | null };
    const may = said.status === 200 && (method === "GET" || Policies?.includes("ops"));
    if (!may || target === undefined) return text(403, "Permission denied");
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
    const reply = await fetch(`${target}${url}`, { method, ...body });
    response.writeHead(
      reply.status,
      Object.fromEntries(
        ["content-type", "x-nomad-index", "date"].flatMap((name) => [[name, reply.headers.get(name) ?? ""]]),
      ),
    );
    response.end(Buffer.from(await reply.arrayBuffer()));
    return undefined;
  });
  let stopped = false;
  const stop = async () => {
    if (!stopped) await server.stop();
    stopped = true;
  };
  onTestFinished(stop);
  return { address: `http://127.0.0.1:${server.port}`, tokens, seen, stop };
}
