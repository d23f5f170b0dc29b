import type { GitHttpRequest, GitHttpResponse, HttpClient } from "isomorphic-git";
import type { Transport } from "../api/connect/connection.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { span } from "../text/time.ts";

/** What a repository may do at most. */
export interface GitLimits {
  /** So long may it say nothing, in ms. How long all of it takes does not matter: a large repository takes its time. */
  readonly silence: number;
  /** So many bytes may it send at once: they are kept in memory. */
  readonly bytes: number;
}

const usual: GitLimits = { silence: 60_000, bytes: 512 * 1_048_576 };

/** The requests of git, over the way that the server reaches others: its CAs and proxy. Redirects are not followed. */
export function gitHttp(transport: Pick<Transport, "fetch">, { silence, bytes } = usual): HttpClient {
  return {
    async request({ url, method = "GET", headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const stop = new AbortController();
      const quiet = new Refusal(`it has said nothing for ${span(silence)}`);
      const timer = setTimeout(() => stop.abort(quiet), silence);
      try {
        const response = await transport.fetch(url, {
          ...{ method, headers, redirect: "manual", signal: stop.signal },
          ...(body && { body: await whole(body) }),
        });
        if (response.status >= 300 && response.status < 400) {
          throw new Refusal("its url leads elsewhere: name the one that it leads to");
        }
        // Read here, since isomorphic-git takes a body that breaks off for one that ends.
        const parts: Uint8Array[] = [];
        let left = bytes;
        for await (const part of chunksOf(response)) {
          timer.refresh();
          left -= part.byteLength;
          if (left < 0) throw new Refusal(`it sends more than ${Math.floor(bytes / 1_048_576)} MB`);
          parts.push(part);
        }
        return {
          ...{ url, method, statusCode: response.status, statusMessage: response.statusText },
          headers: Object.fromEntries(response.headers),
          body: each(parts),
        };
      } catch (error) {
        throw stop.signal.aborted ? quiet : error;
      } finally {
        clearTimeout(timer);
        stop.abort();
      }
    },
  };
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) yield read.value;
}

async function* each(parts: readonly Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* parts;
}
