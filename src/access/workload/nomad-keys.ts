import type { JSONWebKeySet } from "jose";
import { documentAt } from "../jwt/document.ts";

/** How an agent of Nomad is reached, with the server's own token. */
export interface NomadAgent {
  readonly transport: {
    readonly base: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly fetch: typeof fetch;
  };
  token(): string | undefined;
}

/**
 * Gives what reads the keys with which Nomad signs the identities of workloads, those that it no longer uses and still trusts among
 * them. It is no route of the API, and open to anybody but at the socket in a task, which asks for a token
 * (operator-observed.md §8).
 *
 * What that gives throws errors for the operator.
 */
export function nomadKeys(agent: () => Promise<NomadAgent>): () => Promise<JSONWebKeySet> {
  return async () => {
    const { transport, token } = await agent();
    const own = token();
    const address = `${transport.base}/.well-known/jwks.json`;
    const headers = { ...transport.headers, ...(own !== undefined && { "X-Nomad-Token": own }) };
    const { keys } = await documentAt(address, transport, headers);
    if (!Array.isArray(keys)) throw new Error(`${address} has no list of keys`);
    return { keys };
  };
}
