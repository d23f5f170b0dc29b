import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { generate } from "selfsigned";

/** A certificate and its key, in PEM form. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A name beside the subject of a certificate: 2 is a DNS name, 6 a URI. */
export interface AltName {
  readonly type: 2 | 6;
  readonly value: string;
}

export interface Authority extends Issued {
  /**
   * A certificate of this CA for a server and client named `name`, valid `from` to `to` days from now. `names`: what stands beside the
   * subject in place of that as a DNS name.
   */
  issue(name: string, days?: { from?: number; to?: number }, names?: readonly AltName[]): Promise<Issued>;
}

const day = 24 * 3_600_000;
/** A minute before so many days are over: certificates know whole seconds, and how long one is valid must not depend on them. */
const inDays = (days: number) => new Date(Date.now() + days * day - 60_000);

/** Makes a CA, valid `from` to `to` days from now. Nobody keeps its key beyond the test. */
export async function makeAuthority(name: string, { from = -30, to = 30 } = {}): Promise<Authority> {
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: inDays(from),
    notAfterDate: inDays(to),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  const ca = { cert: made.cert, key: made.private };
  return {
    ...ca,
    async issue(subject, days = {}, names = [{ type: 2, value: subject }]) {
      const { from = -1, to = 1 } = days;
      const issued = await generate([{ name: "commonName", value: subject }], {
        keyType: "ec",
        algorithm: "sha256",
        notBeforeDate: inDays(from),
        notAfterDate: inDays(to),
        ca,
        extensions: [
          { name: "extKeyUsage", serverAuth: true, clientAuth: true },
          { name: "subjectAltName", altNames: [...names] },
        ],
      });
      return { cert: issued.cert, key: issued.private };
    },
  };
}

/** A folder of a test's own. `write` puts a file there and gives its path; `replace` does so in one step, as rename(2). */
export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), "nomad-mcp-"));
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), text);
    return join(path, name);
  };
  return {
    path,
    write,
    replace(name: string, text: string) {
      renameSync(write(`.${name}.new`, text), join(path, name));
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A listening server and its port. */
export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves HTTP, or HTTPS where `tls` is given, on a port of 127.0.0.1 (a free one where it is not said), or on a socket. */
export async function serve(
  listener: RequestListener,
  tls?: TlsOptions,
  socket?: string,
  port?: number,
): Promise<Listening> {
  const server = tls ? createServer(tls, listener) : createHttp(listener);
  server.keepAliveTimeout = 60_000;
  return await listening(server, () => server.closeAllConnections(), socket, port);
}

/** Starts a server. `end` ends its connections when it stops. */
export async function listening(server: Server, end: () => void, socket?: string, port = 0): Promise<Listening> {
  await new Promise<void>((resolve) =>
    socket ? server.listen(socket, resolve) : server.listen(port, "127.0.0.1", resolve),
  );
  return {
    port: socket ? 0 : (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        end();
      }),
  };
}
