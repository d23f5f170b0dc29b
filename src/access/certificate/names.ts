import type { X509Certificate } from "node:crypto";

/** Which name of a certificate says whose it is: a URI (such as a SPIFFE id) or DNS name beside the subject, or the common name in it. */
export type NameKind = "uri" | "dns" | "cn";

/**
 * The names of that kind in a certificate. Names with characters that Node would have to quote are left out: what is quoted may be
 * made to look like several names. None where what it says cannot be read as a whole.
 */
export function namesIn(certificate: X509Certificate, kind: NameKind): readonly string[] {
  if (kind === "cn") {
    const { CN: name }: { CN?: unknown } = certificate.toLegacyObject().subject ?? {};
    return typeof name === "string" && isPlain(name) ? [name] : [];
  }
  const text = certificate.subjectAltName ?? "";
  const entries = [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/g)];
  if (entries.map(([whole]) => whole).join("") !== text) return [];
  const names = entries.flatMap(([, type = "", name = ""]) =>
    type.toLowerCase() === kind && isPlain(name) ? [name] : [],
  );
  // DNS knows no case.
  return kind === "dns" ? names.map((name) => name.toLowerCase()) : names;
}

function isPlain(name: string): boolean {
  return /^[\x21\x23-\x7e][\x20\x21\x23-\x7e]*$/.test(name);
}
