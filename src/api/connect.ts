import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { Refusal } from "./errors.ts";

/** How TLS is spoken to Nomad; the meaning of each is that of the CLI's variable of the same name. */
export interface TlsSettings {
  readonly caCert?: string;
  readonly caPath?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly skipVerify: boolean;
}

/**
 * The `fetch` for one cluster: Node's own, or one with the operator's certificates.
 * The files are read here, once; undici is loaded only when one of them is set.
 *
 * @throws Refusal that names the setting whose file cannot be read, or holds something else.
 */
export async function connect(tls: TlsSettings): Promise<typeof fetch> {
  const custom = tls.caCert || tls.caPath || tls.clientCert || tls.clientKey || tls.tlsServerName || tls.skipVerify;
  if (!custom) return fetch;
  const ca = authorities(tls);
  const own = ownCertificate(tls);
  const { Agent, fetch: undiciFetch } = await import("undici");
  const dispatcher = new Agent({
    connect: {
      ...(ca && { ca }),
      ...own,
      ...(tls.tlsServerName && { servername: tls.tlsServerName }),
      rejectUnauthorized: !tls.skipVerify,
    },
  });
  const connected: unknown = (input: string, init: object) => undiciFetch(input, { ...init, dispatcher });
  // undici's own types and the ones that Node declares for the same classes do not unify.
  return connected as typeof fetch;
}

/** The client's certificate and key, which must belong together. */
function ownCertificate({ clientCert, clientKey }: TlsSettings): { cert: string; key: string } | undefined {
  if (!clientCert || !clientKey) return undefined;
  const cert = read("NOMAD_CLIENT_CERT", clientCert);
  const key = read("NOMAD_CLIENT_KEY", clientKey);
  valid("NOMAD_CLIENT_CERT", clientCert, () => new X509Certificate(cert));
  valid("NOMAD_CLIENT_KEY", clientKey, () => createSecureContext({ cert, key }));
  return { cert, key };
}

/** The CA file wins over the directory, as in the CLI (go-rootcerts), and both replace the system's roots. */
function authorities(tls: TlsSettings): string[] | undefined {
  if (tls.caCert) return [authority("NOMAD_CACERT", tls.caCert)];
  if (!tls.caPath) return undefined;
  const directory = tls.caPath;
  try {
    const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
    return files.map((file) => authority("NOMAD_CAPATH", join(directory, file.name)));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`NOMAD_CAPATH: the directory ${directory} cannot be read (${reason(error)}).`);
  }
}

function authority(setting: string, file: string): string {
  const pem = read(setting, file);
  valid(setting, file, () => new X509Certificate(pem));
  return pem;
}

/** Stops the start over a file that would otherwise fail every call, with words that name no file. */
function valid(setting: string, file: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${setting}: the file ${file} does not hold what it should (${why.split("\n", 1)[0]}).`);
  }
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refusal(`${setting}: the file ${file} cannot be read (${reason(error)}).`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
