import { type ConnectOptions, connect, type Transport } from "../../src/api/connect/connection.ts";
import type { ConnectSettings } from "../../src/api/connect/settings.ts";
import { NomadError } from "../../src/api/errors/errors.ts";
import { explain } from "../../src/api/errors/explain.ts";
import { jobs } from "../../src/endpoints/jobs.ts";
import { NomadClient } from "../../src/nomad-client.ts";

/** A transport as the tests open it: no proxy and no NODE_EXTRA_CA_CERTS of the machine's, files looked at each time. */
export function open(settings: Partial<ConnectSettings> & { address: string }, options: ConnectOptions = {}) {
  return connect({ skipVerify: false, ...settings }, { env: {}, every: 0, ...options });
}

/** What came of a request: the `ID` in the reply, or the kind of the error and what the operator reads of it. */
export interface Answer {
  readonly reply?: string;
  readonly kind?: string;
  readonly text?: string;
}

/** Sends a read, or a write where it has a body, as the tools do. */
export async function ask(transport: Transport, body?: unknown): Promise<Answer> {
  const nomad = new NomadClient({
    base: transport.base,
    namespace: "default",
    readOnly: false,
    fetch: transport.fetch,
    headers: transport.headers,
  });
  try {
    if (body === undefined) return { reply: (await nomad.get(jobs.get, { job_id: "web" })).ID };
    const written = new Map<string, unknown>(Object.entries(await nomad.write(jobs.register, {}, body)));
    return { reply: String(written.get("ID")) };
  } catch (error) {
    if (error instanceof NomadError) return { kind: error.kind, text: explain(error) };
    throw error;
  }
}
