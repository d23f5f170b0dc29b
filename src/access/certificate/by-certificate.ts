import { iso } from "../../text/time.ts";
import { cutName } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";
import { type Authenticator, bearerIn, type Identified, type NotLetIn } from "../authenticator.ts";
import { isLike } from "../like.ts";
import { type Principal, principalId } from "../principal.ts";
import type { Role } from "../roles.ts";
import { type NameKind, namesIn } from "./names.ts";

/** How holders of client certificates are known. */
export interface Certificates {
  readonly kind: NameKind;
  readonly roles: ReadonlyMap<string, Role>;
  /** ms since the epoch. */
  readonly now?: () => number;
}

const kinds: Readonly<Record<NameKind, string>> = { uri: "URI", dns: "DNS name", cn: "common name" };

/**
 * Who calls is whom the client CA names in the certificate with which the connection was made: TLS has verified it then. Shown
 * beside a key or token it says nothing of who calls.
 */
export function byCertificate({ kind, roles, now = Date.now }: Certificates): Authenticator {
  return {
    takes: (credentials) => bearerIn(credentials) === undefined && credentials.certificate?.() !== undefined,
    async identify({ certificate: shown }): Promise<Identified> {
      const certificate = shown?.();
      if (certificate === undefined) {
        return refused(
          "unauthorized",
          "A client certificate of this server's client CA is needed, on this very connection.",
        );
      }
      const expires = Date.parse(certificate.validTo);
      if (expires <= now()) {
        return refused(
          "unauthorized",
          `The client certificate expired at ${iso(expires)}: connect again with the next one.`,
        );
      }
      const names = namesIn(certificate, kind);
      for (const role of roles.values()) {
        const name = names.find((each) => role.certificates?.some((pattern) => isLike(pattern, each)));
        if (name === undefined) continue;
        const principal: Principal = {
          id: principalId("mtls", kind, name),
          name: cutName(name),
          auth: "mtls",
          role,
          expires,
        };
        return { principal };
      }
      const has =
        names.length === 0
          ? `has no ${kinds[kind]}`
          : `of ${all(names.slice(0, 5).map((name) => cutName(name)))} has no role here`;
      return refused(
        "forbidden",
        `The client certificate ${has}: whoever runs this server can name it in the certificates of one.`,
      );
    },
  };
}

function refused(kind: NotLetIn["kind"], detail: string): Identified {
  return { refused: { kind, detail } };
}
