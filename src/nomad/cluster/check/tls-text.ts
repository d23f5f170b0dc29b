import type { Certificate } from "../../../api/connect/certificates.ts";
import type { TlsReport } from "../../../api/connect/connection.ts";
import { ago, iso, span } from "../../../text/time.ts";
import { plural } from "../../../text/words.ts";

/** The certificates of both sides, a line each. */
export function tlsLines({ server, chain, client, authorities, trouble }: TlsReport, now: number): string[] {
  return [
    ...(server ? [`  TLS: the server's certificate is ${certificate(server, now)}`] : []),
    ...chain.map((each) => `  TLS: above it ${certificate(each, now)}`),
    ...(client ? [`  TLS: ours is ${certificate(client, now)}`] : []),
    ...authorities.slice(0, 5).map((each) => `  TLS: CA ${certificate(each, now)}`),
    ...(authorities.length > 5 ? [`  TLS: and ${plural(authorities.length - 5, "more CA")}`] : []),
    ...(trouble ? [`  TLS: files changed, and cannot be used as they are: ${trouble}`] : []),
  ];
}

/** Whose it is, until when it is valid, and its file. */
function certificate({ subject, issuer, validFrom, validTo, file }: Certificate, now: number): string {
  const until =
    validTo < now
      ? `EXPIRED ${ago(validTo, now)}`
      : validFrom > now
        ? `not valid before ${iso(validFrom)}`
        : `valid for ${span(validTo - now)}, until ${iso(validTo)}`;
  return `${subject}${subject === issuer ? "" : `, issued by ${issuer}`}, ${until}${file === undefined ? "" : ` (${file})`}`;
}
