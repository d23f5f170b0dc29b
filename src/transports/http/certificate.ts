import { constants, X509Certificate } from "node:crypto";
import type { Server } from "node:https";
import { createSecureContext } from "node:tls";
import { readSettingFile, renewed } from "../../api/connect/renewed.ts";
import { Refusal } from "../../api/errors/refusal.ts";

const { SSL_OP_NO_TICKET } = constants;

/** The files of a server's certificate, and what the operator calls the settings that name them. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  /** The CA whose client certificates are let in. */
  readonly clientCa?: string | undefined;
  settingName(key: "tlsCert" | "tlsKey" | "tlsClientCa"): string;
}

/** What TLS is spoken with, as the files have it. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly validTo: Date;
}

/**
 * What TLS is spoken with. Where clients show certificates no session is taken up again later: whoever does that is not verified anew,
 * and the certificate may have ended since.
 */
export function contextOf({ cert, key, ca }: Identity) {
  return {
    cert,
    key,
    minVersion: "TLSv1.2" as const,
    ...(ca !== undefined && { ca, secureOptions: SSL_OP_NO_TICKET }),
  };
}

/** A certificate that is replaced on disk while the server runs. */
export interface Certificate {
  readonly current: Identity;
  /**
   * Looks at the files every `every` ms, and has the server speak with what they hold now; gives what ends that. `caChanged` is told when
   * the CA of clients is another one.
   */
  serve(server: Server, told: { log(line: string): void; caChanged(): void }, every?: number): () => void;
}

/** @throws Refusal where the files cannot be read, do not fit together, or the certificate has expired. */
export function openCertificate({ cert, key, clientCa, settingName }: CertificateFiles): Certificate {
  const files = [cert, key, ...(clientCa === undefined ? [] : [clientCa])];
  const read = (): Identity => {
    const identity = {
      cert: readSettingFile(settingName("tlsCert"), cert),
      key: readSettingFile(settingName("tlsKey"), key),
      ...(clientCa !== undefined && { ca: readSettingFile(settingName("tlsClientCa"), clientCa) }),
    };
    const names = `${settingName("tlsCert")} and ${settingName("tlsKey")}`;
    try {
      createSecureContext(identity);
      const validTo = new Date(new X509Certificate(identity.cert).validTo);
      if (validTo.getTime() > Date.now()) return { ...identity, validTo };
      throw new Refusal(`${settingName("tlsCert")}: the certificate in ${cert} expired on ${validTo.toISOString()}.`);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal(`${names}: ${cert} and ${key} cannot be used together (${codeOf(error)}).`);
    }
  };
  const source = renewed(() => files, read);
  // To ask the source would have it look at the files, and what is new then would never be served.
  let served = source.current();
  return {
    get current() {
      return served;
    },
    serve(server, { log, caChanged }, every = 1_000) {
      let told: string | undefined;
      const timer = setInterval(() => {
        if (source.renew()) {
          const { ca: before } = served;
          served = source.current();
          // Without the CA in the call the server would forget it, and let in nobody.
          server.setSecureContext(contextOf(served));
          if (served.ca !== before) caChanged();
          log(`the certificate was renewed: valid until ${served.validTo.toISOString()}`);
        }
        const trouble = source.trouble();
        if (trouble !== undefined && trouble !== told) log(`the certificate in use stays: ${trouble}`);
        told = trouble;
      }, every);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** The name of an OpenSSL error, or its words: nothing of a file's content. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no PEM of a certificate and its key";
}
