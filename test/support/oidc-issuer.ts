import { text } from "node:stream/consumers";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { type Listening, serve } from "./authority.ts";

/** Claims as a test wants them, right or wrong; undefined: left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key of an issuer, both halves of it. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/**
 * An identity provider on loopback that publishes metadata and keys as OpenID Connect has it, signs what it is told,
 * and gives programs a token at its token endpoint.
 */
export interface OidcIssuer {
  /** `http://127.0.0.1:<port>` */
  readonly issuer: string;
  /** What it was asked for so far, by path. */
  readonly asked: readonly string[];
  /** The key with which it signs now. */
  readonly key: SigningKey;
  /** Signs with a new key, and publishes it; the old one is published no longer. */
  rotate(): Promise<void>;
  /** Is gone, or back at the same address. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** What it publishes in place of what is right, by path. */
  readonly instead: Map<string, unknown>;
  /** A token of `sub` for `aud`, for an hour; `claims` and `header` in place of what is usual (undefined: left out). */
  token(claims?: Claims, header?: Record<string, unknown>): Promise<string>;
}

/** A key pair of its own. */
export async function makeKey(kid: string, alg = "RS256"): Promise<SigningKey> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

/** The half that is published. */
export async function publicJwk({ kid, alg, publicKey }: SigningKey): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
}

/** A token with these claims, signed by that key. */
export async function sign(key: SigningKey, claims: Claims, header: object = {}): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt", ...header })
    .sign(key.privateKey, { crit: { x: true } });
}

/** An issuer until the test has finished. */
export async function oidcIssuer(audience: string): Promise<OidcIssuer> {
  let keys = 0;
  let key = await makeKey("key-1", "ES256");
  const asked: string[] = [];
  const instead = new Map<string, unknown>();
  let server: Listening | undefined;
  let port = 0;
  const start = async () => {
    server = await serve(
      (request, response) => {
        const { url = "" } = request;
        asked.push(url);
        const body = url === "/token" ? text(request).then(exchange) : answer(url);
        void body.then((body) => {
          response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
          response.end(JSON.stringify(body));
        });
      },
      undefined,
      undefined,
      port,
    );
    port = server.port;
  };
  await start();
  const issuer = `http://127.0.0.1:${port}`;

  async function answer(path: string): Promise<unknown> {
    if (instead.has(path)) return instead.get(path);
    if (path === "/.well-known/openid-configuration") return metadata();
    return path === "/keys" ? { keys: [await publicJwk(key)] } : undefined;
  }

  /** What OpenID Connect Discovery §3 asks for. */
  function metadata(): object {
    return {
      ...{ issuer, jwks_uri: `${issuer}/keys`, token_endpoint: `${issuer}/token` },
      ...{ authorization_endpoint: `${issuer}/authorize`, response_types_supported: ["code"] },
      ...{ subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["ES256"] },
      token_endpoint_auth_methods_supported: ["client_secret_basic"],
    };
  }

  /** A token for a program, for the resource that it names (RFC 8707). */
  async function exchange(form: string): Promise<object> {
    const asked = new URLSearchParams(form);
    const access_token = await token({ sub: "a-program", aud: asked.get("resource") ?? "none", groups: ["ops"] });
    return { access_token, token_type: "Bearer", expires_in: 3600 };
  }

  async function token(claims: Claims = {}, header: object = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, aud: audience, sub: "anna-1", iat: now, exp: now + 3600 };
    return await sign(key, { ...usual, ...claims }, header);
  }

  onTestFinished(async () => await server?.stop());
  return {
    ...{ issuer, asked, instead },
    get key() {
      return key;
    },
    async rotate() {
      keys++;
      key = await makeKey(`key-${keys + 1}`, "ES256");
    },
    down: async () => await server?.stop(),
    up: start,
    token,
  };
}
