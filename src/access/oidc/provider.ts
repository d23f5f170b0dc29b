import type { JSONWebKeySet } from "jose";
import { connect } from "../../api/connect/connection.ts";
import { faultIn, type Peer, rootCause } from "../../api/connect/fault.ts";
import { isLoopback } from "../../api/connect/loopback.ts";
import type { SettingName } from "../../api/connect/settings.ts";
import { quotedLine } from "../../text/untrusted.ts";

/** An identity provider, and how it is reached. */
export interface ProviderSettings {
  /** As its tokens and its metadata name it, without a slash at the end that they do not have. */
  readonly issuer: string;
  /** PEM file of the CA that signed its certificate, in place of the system's. */
  readonly ca?: string | undefined;
  settingName(key: "oidcIssuer" | "oidcCa"): string;
}

const peer: Peer = { name: "the provider", machine: "the provider" };
/** For a document, in ms; and its longest, in characters. */
const patience = 5_000;
const longestDocument = 1024 * 1024;

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
    const { issuer: named, jwks_uri: keys } = await documentAt(place, settings);
    if (named !== issuer) {
      const is = quotedLine(JSON.stringify(named) ?? "nothing");
      throw new Error(
        `${settings.settingName("oidcIssuer")} is ${JSON.stringify(issuer)}, and the metadata there say that the issuer is ${is}: both have to be the same, to the last slash`,
      );
    }
    if (typeof keys !== "string" || !isSafe(keys, issuer)) {
      throw new Error(`${place} names no https:// address of keys (jwks_uri)`);
    }
    const { keys: list } = await documentAt(keys, settings);
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

/** A JSON object at an address. @throws Error that says why there is none. */
async function documentAt(address: string, { ca, settingName }: ProviderSettings): Promise<Record<string, unknown>> {
  const name: SettingName = (key) => settingName(key === "caCert" || key === "caPath" ? "oidcCa" : "oidcIssuer");
  const { origin } = new URL(address);
  const way = await connect({ address: origin, skipVerify: false, caCert: ca }, { name, peer });
  try {
    const response = await way.fetch(address, {
      ...{ redirect: "manual", headers: { Accept: "application/json" } },
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${address} answers with status ${response.status}`);
    return objectIn(text, address);
  } catch (error) {
    const fault = faultIn(error);
    if (fault !== undefined) throw new Error(fault.message, { cause: error });
    const cause = rootCause(error);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(why.includes(address) ? why : `${address}: ${why}`, { cause: error });
  } finally {
    await way.close();
  }
}

function objectIn(text: string, address: string): Record<string, unknown> {
  try {
    const value: unknown = text.length > longestDocument ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below, without the text, which may be anything.
  }
  throw new Error(`what ${address} answers is no JSON object`);
}
