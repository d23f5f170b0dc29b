import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { type Certificate, describe } from "./certificates.ts";

/** What a look at a TLS server showed. */
export interface Look {
  /** The certificate that it shows, whoever signed it. */
  readonly server?: Certificate;
  /** Those above it that the server sends with it, up to the root. */
  readonly chain?: readonly Certificate[];
  /** The error with which it ended the connection, such as the alert that it wants a client certificate. */
  readonly error?: Error;
}

/** How a look is taken. */
export interface Looking {
  readonly serverName?: string | undefined;
  /** What is asked for, without anything that says who asks. */
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In ms. */
  readonly patience?: number;
}

/**
 * Looks at the certificate of the server at `base`, trusted or not, and whether it takes a client without a
 * certificate. Nothing secret is sent: no token, no client certificate. Never fails; ends within `patience` ms.
 */
export function lookAt(base: string, looking: Looking = {}): Promise<Look> {
  const { serverName, path = "/", signal, patience = 2_000 } = looking;
  const url = new URL(base);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    let shown: readonly Certificate[] = [];
    const socket = connect({
      host,
      port: Number(url.port || 443),
      servername: serverName ?? (isIP(host) ? "" : host),
      // To look, not to trust: nothing is told to this server but that somebody looks.
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
    });
    const done = (error?: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      socket.destroy();
      const [server, ...chain] = shown;
      resolve({ ...(server && { server, chain }), ...(error && { error }) });
    };
    const stop = () => done();
    const timer = setTimeout(stop, patience);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    socket.on("error", done).on("close", stop).on("data", stop);
    socket.on("secureConnect", () => {
      shown = chainOf(socket.getPeerCertificate(true)).map(({ raw }) => describe(new X509Certificate(raw)));
      // Over TLS 1.3 the server says only now what it thinks of us; one that has no objection answers.
      socket.write(`HEAD ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
    });
  });
}

/** A certificate and those above it, each once: the one of a root names itself as its issuer. */
function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const found: DetailedPeerCertificate[] = [];
  let each: DetailedPeerCertificate | undefined = leaf;
  while (each?.raw && !found.includes(each)) {
    found.push(each);
    each = each.issuerCertificate;
  }
  return found;
}
