import type { JSONWebKeySet } from "jose";
import { connect } from "../../api/connect/connection.ts";
import type { Peer } from "../../api/connect/fault.ts";
import { isLoopback } from "../../api/connect/loopback.ts";
import type { SettingName } from "../../api/connect/settings.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { documentAt } from "../jwt/document.ts";

/** An identity provider, and how it is reached. */
export interface ProviderSettings {
  /** As its tokens and its metadata name it, without a slash at the end that they do not have. */
  readonly issuer: string;
  /** PEM file of the CA that signed its certificate, in place of the system's. */
  readonly ca?: string | undefined;
  settingName(key: "oidcIssuer" | "oidcCa"): string;
}

const peer: Peer = { name: "the provider", machine: "the provider" };

/**
 * Gives what reads the keys of a provider: its metadata say where they are (OpenID Connect Discovery §4), each time anew. It is
 * reached through the proxy of the environment; redirects are not followed.
 *
 * What that gives throws errors for the operator.
 */
export function keysOf(settings: ProviderSettings): () => Promise<JSONWebKeySet> {
  const { issuer } = settings;
  return async () => {
    const place = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { issuer: named, jwks_uri: keys } = await read(place, settings);
    if (named !== issuer) {
      const is = quotedLine(JSON.stringify(named) ?? "nothing");
      throw new Error(
        `${settings.settingName("oidcIssuer")} is ${JSON.stringify(issuer)}, and the metadata there say that the issuer is ${is}: both have to be the same, to the last slash`,
      );
    }
    if (typeof keys !== "string" || !isSafe(keys, issuer)) {
      throw new Error(`${place} names no https:// address of keys (jwks_uri)`);
    }
    const { keys: list } = await read(keys, settings);
    if (!Array.isArray(list)) throw new Error(`${keys} has no list of keys`);
    return { keys: list };
  };
}

/** Over TLS; in clear on this machine alone, where the issuer itself is. */
function isSafe(address: string, issuer: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && issuer.startsWith("http:") && isLoopback(hostname));
}

/** A document of the provider. */
async function read(
  address: string,
  { ca, settingName }: ProviderSettings,
): Promise<Readonly<Record<string, unknown>>> {
  const name: SettingName = (key) => settingName(key === "caCert" || key === "caPath" ? "oidcCa" : "oidcIssuer");
  const { origin } = new URL(address);
  const way = await connect({ address: origin, skipVerify: false, caCert: ca }, { name, peer });
  try {
    return await documentAt(address, way);
  } finally {
    await way.close();
  }
}
