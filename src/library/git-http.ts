import type { GitHttpRequest, GitHttpResponse, HttpClient } from "isomorphic-git";
import type { Transport } from "../api/connect/connection.ts";
import { Refusal } from "../api/errors/refusal.ts";

/** So long may a repository take to answer, in ms. */
const patience = 20_000;

/** The requests of git, over the way that the server reaches others: its CAs and proxy. Redirects are not followed. */
export function gitHttp(transport: Pick<Transport, "fetch">): HttpClient {
  return {
    async request({ url, method = "GET", headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const response = await transport.fetch(url, {
        method,
        headers,
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
        ...(body && { body: await whole(body) }),
      });
      if (response.status >= 300 && response.status < 400) {
        throw new Refusal("its url leads elsewhere: name the one that it leads to");
      }
      return {
        ...{ url, method, statusCode: response.status, statusMessage: response.statusText },
        headers: Object.fromEntries(response.headers),
        body: chunksOf(response),
      };
    },
  };
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

async function* chunksOf(response: Response): AsyncIterableIterator<Uint8Array> {
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) yield read.value;
}
