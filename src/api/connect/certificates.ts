import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import tls, { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { quotedLine } from "../../text/untrusted.ts";
import { Refusal } from "../errors/refusal.ts";
import { readSettingFile, reason } from "./renewed.ts";
import type { CertificateSettings, SettingName } from "./settings.ts";

/** A certificate, as far as it is told. Times in ms since the epoch. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** The DNS names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validFrom: number;
  readonly validTo: number;
  /** Where it was read; undefined for what a server showed. */
  readonly file?: string;
}

/** What was read from the files, checked: it fits together and can be used. */
export interface Material {
  readonly context: SecureContext;
  /** Our own certificate. */
  readonly client?: Certificate;
  /** The CAs that the settings name; undefined where Node's own are trusted. */
  readonly authorities?: readonly Certificate[];
}

/** The files that the settings name, those in the CA directory included. @throws Refusal where that cannot be read. */
export function certificateFiles(settings: CertificateSettings, name: SettingName): string[] {
  const { clientCert, clientKey } = settings;
  return [...authorityFiles(settings, name), ...[clientCert, clientKey].filter((file) => file !== undefined)];
}

/**
 * Reads the files and sees that they can be used together.
 *
 * @throws Refusal with one line that names the setting and the file.
 */
export function readMaterial(settings: CertificateSettings, name: SettingName, extraCa?: string): Material {
  const { clientCert, clientKey, caCert, caPath, systemCa } = settings;
  const setting = name(caCert ? "caCert" : "caPath");
  const authorities = authorityFiles(settings, name).flatMap((file) => readCertificates(setting, file));
  if (caPath && !caCert && authorities.length === 0) throw new Refusal(`${setting}: the directory ${caPath} is empty.`);
  const own = authorities.length > 0 ? authorities.map(({ pem }) => pem) : undefined;
  const pair = clientCert && clientKey ? readPair(clientCert, clientKey, name) : undefined;
  try {
    return {
      context: createSecureContext({
        ...(own && { ca: systemCa ? [...nodesAuthorities(extraCa), ...own] : own }),
        ...(pair && { cert: pair.cert, key: pair.key }),
        minVersion: "TLSv1.2",
      }),
      ...(pair && { client: pair.certificate }),
      ...(own && { authorities: authorities.map(({ certificate }) => certificate) }),
    };
  } catch (error) {
    // What OpenSSL refuses by policy: a key too short, a signature too weak.
    const culprit = pair ? `${name("clientCert")}: the file ${clientCert}` : `${setting}: ${caCert ?? caPath}`;
    throw new Refusal(`${culprit} cannot be used (${reason(error)}).`);
  }
}

/** What a certificate says, for people. A server's own may say anything, so its texts are cleaned. */
export function describe(certificate: X509Certificate, file?: string): Certificate {
  const names = (certificate.subjectAltName ?? "").split(", ").map((each) => each.replace(/^(DNS|IP Address):/, ""));
  return {
    subject: who(certificate.subject),
    issuer: who(certificate.issuer),
    names: names.filter((each) => each !== "").map((each) => quotedLine(each, 100)),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    ...(file !== undefined && { file }),
  };
}

/** The common name, else the whole name in one line. */
function who(name: string | undefined): string {
  const parts = (name ?? "").split("\n");
  const common = parts.find((part) => part.startsWith("CN="));
  return quotedLine(common ?? parts.join(", "), 100) || "no name";
}

/** The CA file wins over the directory, which is read with all below it (go-rootcerts, which the CLI uses). */
function authorityFiles({ caCert, caPath }: CertificateSettings, name: SettingName): string[] {
  if (caCert) return [caCert];
  if (!caPath) return [];
  try {
    return walk(caPath);
  } catch (error) {
    throw new Refusal(`${name("caPath")}: the directory ${caPath} cannot be read (${reason(error)}).`);
  }
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return walk(path);
      // A mounted secret has a link to a directory beside the links to the files in it, which are found anyway.
      return entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory() ? [] : [path];
    });
}

/** Every certificate in a PEM file. @throws Refusal where there is none, or one is cut off. */
function readCertificates(setting: string, file: string): { pem: string; certificate: Certificate }[] {
  const text = readSettingFile(setting, file);
  const pems = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g) ?? [];
  if (pems.length === 0) throw new Refusal(`${setting}: the file ${file} holds no certificate in PEM form.`);
  if (pems.length !== text.split("-----BEGIN CERTIFICATE-----").length - 1) {
    throw new Refusal(`${setting}: a certificate in the file ${file} is cut off.`);
  }
  return pems.map((pem) => {
    try {
      return { pem, certificate: describe(new X509Certificate(pem), file) };
    } catch {
      throw new Refusal(`${setting}: a certificate in the file ${file} is damaged.`);
    }
  });
}

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly certificate: Certificate;
}

function readPair(certFile: string, keyFile: string, name: SettingName): Pair {
  const chain = readCertificates(name("clientCert"), certFile);
  const leaf = chain[0];
  const pem = readSettingFile(name("clientKey"), keyFile);
  const key = readKey(name("clientKey"), keyFile, pem);
  if (leaf === undefined || !new X509Certificate(leaf.pem).checkPrivateKey(key)) {
    throw new Refusal(
      `${name("clientKey")}: the key in ${keyFile} does not belong to the certificate in ${certFile} (${name("clientCert")}).`,
    );
  }
  return { cert: chain.map((each) => each.pem).join("\n"), key: pem, certificate: leaf.certificate };
}

function readKey(setting: string, file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const why = /ENCRYPTED/.test(pem)
      ? "is encrypted, and there is nobody here to type its passphrase"
      : "holds no private key in PEM form";
    throw new Refusal(`${setting}: the file ${file} ${why}.`);
  }
}

/** The CAs that Node trusts on its own; `extra` is NODE_EXTRA_CA_CERTS, which Node adds to them where it can be read. */
function nodesAuthorities(extra: string | undefined): readonly string[] {
  // Since Node 22.15; it knows --use-system-ca, too.
  const ask: unknown = Reflect.get(tls, "getCACertificates");
  const answer: unknown = typeof ask === "function" ? ask("default") : undefined;
  const known = Array.isArray(answer) ? answer.filter((each) => typeof each === "string") : rootCertificates;
  if (!extra) return known;
  try {
    return [...known, readSettingFile("NODE_EXTRA_CA_CERTS", extra)];
  } catch {
    return known;
  }
}
