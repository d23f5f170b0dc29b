import { createSecretKey, createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import * as fc from "fast-check";
import { CompactSign, exportSPKI, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test, vi } from "vitest";
import type { Authenticator, Identified } from "../../src/access/authenticator.ts";
import { bearerOf } from "../../src/access/bearer.ts";
import { byProvider, type SignIn } from "../../src/access/oidc/by-provider.ts";
import { readRoles } from "../../src/access/roles.ts";
import { runs } from "../fuzz/support.ts";
import { listening, makeAuthority, makeFolder, serve } from "../support/authority.ts";
import { type Claims, makeKey, type OidcIssuer, oidcIssuer, publicJwk, sign } from "../support/oidc-issuer.ts";

const publicUrl = "https://mcp.example";
const audience = `${publicUrl}/mcp`;
const limits = {
  ...{ readOnly: false, confirm: "host" as const, showVariables: false },
  clusters: [{ name: "prod" }],
};
const roles = readRoles(
  { admin: { groups: ["admins", "on call"] }, ops: { groups: ["ops"] }, viewer: { read_only: true } },
  { place: () => "" },
  limits,
);

/** A server's way to know people of a provider, and what its log says. */
async function signIn(more: Partial<SignIn> = {}) {
  const provider = await oidcIssuer(audience);
  const log: string[] = [];
  const way = byProvider({
    ...{ issuer: provider.issuer, publicUrl, userClaim: "email", groupsClaim: "groups", roles },
    settingName: (key) => (key === "oidcCa" ? "NOMAD_MCP_OIDC_CA" : "NOMAD_MCP_OIDC_ISSUER"),
    changed: (trouble) => void log.push(trouble ?? "again"),
    ...more,
  });
  return { provider, way, log };
}

const show = async (way: Authenticator, token: string): Promise<Identified> =>
  await way.identify({ authorization: `Bearer ${token}` });
const ops = { groups: ["ops"] };
const now = () => Math.floor(Date.now() / 1000);

describe("who somebody is", () => {
  test("issuer and subject tell them apart, a claim names them, and the token is reached by the request alone", async () => {
    const { provider, way } = await signIn();
    const token = await provider.token({ ...ops, email: "anna@example.com" });
    const known = await show(way, token);
    expect(known).toEqual({
      principal: {
        id: JSON.stringify(["oidc", provider.issuer, "anna-1"]),
        ...{ name: "anna@example.com", subject: "anna-1", auth: "oidc", role: roles.get("ops") },
        expires: expect.any(Number),
      },
    });
    if (!("principal" in known)) throw new Error("nobody");
    expect(bearerOf(known.principal)).toMatchObject({ token });
    expect(JSON.stringify(known)).not.toContain(token.slice(-20));
    expect(Object.values({ ...known.principal })).not.toContain(token);
  });

  test("the same name at another subject is somebody else", async () => {
    const { provider, way } = await signIn();
    const ids = await Promise.all(
      ["a", "b"].map(async (sub) => {
        const known = await show(way, await provider.token({ ...ops, sub, email: "anna@example.com" }));
        return "principal" in known ? known.principal.id : undefined;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  test.each<[string, Claims, string]>([
    ["no such claim", {}, "anna-1"],
    ["one that is no text", { email: 7 }, "anna-1"],
    ["line breaks and what nobody sees", { email: "anna\n\u001b[2K\u202eroot" }, "anna root"],
    ["a long one", { email: "x".repeat(500) }, `${"x".repeat(99)}…`],
  ])("a name is one short line: %s", async (_, claims, name) => {
    const { provider, way } = await signIn();
    expect(await show(way, await provider.token({ ...ops, ...claims }))).toMatchObject({ principal: { name } });
  });
});

describe("what they may", () => {
  test.each<[string, Claims, string, string | undefined]>([
    ["their group's role", { groups: ["x", "ops"] }, "groups", "ops"],
    ["the first role of the file, of several", { groups: ["ops", "admins"] }, "groups", "admin"],
    ["one group as a text", { groups: "on call" }, "groups", "admin"],
    ["a claim with dots in its name", { "https://x.example/groups": ["ops"] }, "https://x.example/groups", "ops"],
    ["a claim inside of another", { realm_access: { roles: ["ops"] } }, "realm_access.roles", "ops"],
    ["none of a group that is not named", { groups: ["staff"] }, "groups", undefined],
    ["none for a role that has no groups", { groups: ["viewer"] }, "groups", undefined],
    ["none without groups", {}, "groups", undefined],
    ["none for what the token inherits", {}, "constructor.name", undefined],
  ])("%s", async (_, claims, groupsClaim, role) => {
    const { provider, way } = await signIn({ groupsClaim });
    const known = await show(way, await provider.token(claims));
    if (role === undefined) expect(known).toMatchObject({ refused: { kind: "forbidden" } });
    else expect(known).toMatchObject({ principal: { role: { name: role } } });
  });

  test("* is everybody who signs in", async () => {
    const everybody = readRoles({ all: { groups: ["*"] } }, { place: () => "" }, limits);
    const { provider, way } = await signIn({ roles: everybody });
    expect(await show(way, await provider.token())).toMatchObject({ principal: { role: { name: "all" } } });
  });

  test("who has no role is told that, and the log which groups there are", async () => {
    const { provider, way } = await signIn();
    const known = await show(way, await provider.token({ groups: ["staff"], email: "ben@example.com" }));
    expect(known).toEqual({
      refused: {
        kind: "forbidden",
        detail:
          "ben@example.com has no role here: none of your groups has one; whoever runs this server can give a role to one of your groups.",
        hint: "groups: staff",
      },
    });
  });

  test.each<[string, Claims]>([
    [
      "by a reference",
      { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://x.example" } } },
    ],
    ["by a mark", { hasgroups: true }],
  ])("groups that Entra leaves out are told as what they are: %s", async (_, claims) => {
    const { provider, way } = await signIn();
    const known = await show(way, await provider.token(claims));
    expect(known).toMatchObject({
      refused: {
        kind: "forbidden",
        detail: expect.stringContaining("leaves out the groups of somebody who is in many"),
        hint: expect.stringContaining("NOMAD_MCP_OIDC_GROUPS_CLAIM"),
      },
    });
    expect(provider.asked.filter((path) => path !== "/keys" && !path.startsWith("/.well-known/"))).toEqual([]);
  });
});

describe("tokens that are not taken", () => {
  type Make = (provider: OidcIssuer) => Promise<string> | string;
  const claims = (provider: OidcIssuer) => ({
    iss: provider.issuer,
    aud: audience,
    sub: "anna-1",
    exp: now() + 600,
    ...ops,
  });
  const with_ =
    (more: Claims, header?: Record<string, unknown>): Make =>
    (provider) =>
      provider.token({ ...ops, ...more }, header);

  test.each<[string, Make, RegExp]>([
    ["no signature (alg none)", (p) => new UnsecuredJWT(claims(p)).encode(), /not signed by an algorithm/],
    [
      "an HMAC with the public key",
      async (p) =>
        await new SignJWT(claims(p))
          .setProtectedHeader({ alg: "HS256", kid: p.key.kid })
          .sign(createSecretKey(Buffer.from(await exportSPKI(p.key.publicKey)))),
      /not signed by an algorithm/,
    ],
    ["another issuer", with_({ iss: "https://evil.example" }), /is not one of the provider/],
    ["the issuer with a slash", (p) => p.token({ ...ops, iss: `${p.issuer}/` }), /is not one of the provider/],
    ["no issuer", with_({ iss: undefined }), /is not one of the provider/],
    ["another audience", with_({ aud: "https://other.example" }), /its audience \(aud\) has to be/],
    ["no audience", with_({ aud: undefined }), /its audience \(aud\) has to be/],
    ["no end", with_({ exp: undefined }), /claim exp of the token is missing: a token has to end/],
    ["an end that is a text", with_({ exp: "2999" }), /claim exp/],
    ["one that has expired", with_({ exp: now() - 60 }), /expired at 20.*: sign in again/],
    ["one that is not valid yet", with_({ nbf: now() + 120 }), /not valid yet: compare the clocks/],
    ["nobody", with_({ sub: undefined }), /claim sub/],
    ["an empty subject", with_({ sub: "" }), /names nobody/],
    ["a key that nobody knows", with_({}, { kid: "other" }), /not signed with a key of the provider/],
    [
      "another one's key by that name",
      async (p) => sign(await makeKey(p.key.kid, "ES256"), claims(p)),
      /not signed with a key/,
    ],
    ["a token for signing out", with_({}, { typ: "logout+jwt" }), /its type is logout\+jwt/],
    ["an ID token", with_({ at_hash: "x" }), /it is an ID token/],
    ["a refresh token of Keycloak", with_({ typ: "Refresh" }), /it is an ID token or a refresh token/],
    ["one that is bound to a key of its client", with_({ cnf: { jkt: "x" } }), /bound to a key/],
    ["a header that has to be understood", with_({}, { crit: ["x"], x: 1 }), /no JWT that can be verified/],
    ["claims that are no object", (p) => signedText(p, "[]"), /no JWT that can be verified/],
    ["an opaque token", () => "opaque-token", /no JWT that can be verified/],
    ["an encrypted one", () => "eyJhbGciOiJkaXIifQ..a.b.c", /no JWT that can be verified/],
    ["a cut one", async (p) => (await p.token(ops)).slice(0, -3), /not signed with a key of the provider|no JWT/],
    [
      "one with another's claims",
      async (p) => {
        const [head, , signature] = (await p.token(ops)).split(".");
        return [head, Buffer.from(JSON.stringify({ ...claims(p), sub: "root" })).toString("base64url"), signature].join(
          ".",
        );
      },
      /not signed with a key of the provider/,
    ],
  ])("%s", async (_, make, words) => {
    const { provider, way } = await signIn();
    const token = await make(provider);
    const known = await show(way, token);
    expect(known).toMatchObject({ refused: { kind: "unauthorized", detail: expect.stringMatching(words) } });
    expect(JSON.stringify(known)).not.toContain(token);
    const { headers } = "refused" in known ? known.refused : {};
    expect(headers?.["WWW-Authenticate"]).toMatch(
      /^Bearer error="invalid_token", error_description="[^"\\]+", resource_metadata="https:\/\/mcp\.example\/\.well-known\/oauth-protected-resource\/mcp"$/,
    );
  });

  async function signedText({ key }: OidcIssuer, text: string): Promise<string> {
    const header = { alg: key.alg, kid: key.kid };
    return await new CompactSign(Buffer.from(text)).setProtectedHeader(header).sign(key.privateKey);
  }

  test.each<[string, Claims, Record<string, unknown>?]>([
    ["for MCP", {}],
    ["for the server", { aud: publicUrl }],
    ["for the server, among others", { aud: ["https://other.example", `${publicUrl}/`] }],
    ["a clock that is 20 s ahead", { nbf: now() + 20, iat: now() + 20 }],
    ["a clock that is 20 s behind", { exp: now() - 20 }],
    ["type JWT", {}, { typ: "JWT" }],
    ["no type", {}, { typ: undefined }],
    ["type application/at+jwt", {}, { typ: "application/at+JWT" }],
  ])("while this one is: %s", async (_, more, header) => {
    const { provider, way } = await signIn();
    expect(await show(way, await provider.token({ ...ops, ...more }, header))).toHaveProperty("principal");
  });

  test("what the provider calls this server may be said", async () => {
    const { provider, way } = await signIn({ audiences: ["api://nomad-mcp"] });
    expect(await show(way, await provider.token({ ...ops, aud: "api://nomad-mcp" }))).toHaveProperty("principal");
    expect(await show(way, await provider.token(ops))).toMatchObject({
      refused: { hint: `it has aud = "${audience}"` },
    });
  });

  test("where the header says that keys are, nobody looks", async () => {
    const asked: string[] = [];
    const elsewhere = await serve((request, response) => {
      asked.push(request.url ?? "");
      response.end("{}");
    });
    const { provider, way } = await signIn();
    const own = await makeKey("own", "ES256");
    const url = `http://127.0.0.1:${elsewhere.port}/keys`;
    for (const header of [
      { jku: url },
      { x5u: url },
      { jwk: await publicJwk(own) },
      { kid: url },
      { kid: "../../x" },
    ]) {
      const token = await sign(own, claims(provider), header);
      expect(await show(way, token)).toMatchObject({ refused: { kind: "unauthorized" } });
    }
    await elsewhere.stop();
    expect(asked).toEqual([]);
    expect(new Set(provider.asked)).toEqual(new Set(["/.well-known/openid-configuration", "/keys"]));
  });

  test("whatever a token is changed into, it is refused, and nothing breaks", async () => {
    const { provider, way } = await signIn();
    const token = await provider.token(ops);
    const [head = "", claims = "", signature = ""] = token.split(".");
    const bytes = (part: string) => Buffer.from(part, "base64url").toString("hex");
    const texts = fc.oneof(
      fc.string({ unit: "binary-ascii" }),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
    );
    const changed = fc.oneof(
      fc
        .tuple(fc.nat(token.length - 1), fc.constantFrom(...".-_Aa0="))
        .map(([at, by]) => token.slice(0, at) + by + token.slice(at + 1)),
      texts.map((text) => `${text}.${claims}.${signature}`),
      texts.map((text) => `${head}.${text}.${signature}`),
      texts.map((text) => `${head}.${claims}.${text}`),
      texts,
    );
    await fc.assert(
      fc.asyncProperty(changed, async (text) => {
        const known = await way.identify({ authorization: `Bearer ${text}` });
        // Another spelling of the same bytes is the same token.
        const isSame = text.split(".").map(bytes).join() === token.split(".").map(bytes).join();
        expect(Object.keys(known)).toEqual([isSame && /^\S+$/.test(text) ? "principal" : "refused"]);
        if ("refused" in known) expect(known.refused.kind).toBe("unauthorized");
      }),
      runs(300),
    );
  });

  test("nothing shown: where to sign in, and with which scopes", async () => {
    const { provider, way } = await signIn({ scopes: ["openid", "groups"] });
    expect(await way.identify({ authorization: undefined })).toEqual({
      refused: {
        kind: "unauthorized",
        detail: `Sign in at ${provider.issuer}: an access token of it is needed, as Bearer.`,
        headers: {
          "WWW-Authenticate":
            'Bearer resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", scope="openid groups"',
        },
      },
    });
  });
});

describe("the provider's keys", () => {
  /** A way whose clock goes only by hand. */
  async function byHand() {
    let ms = 0;
    const made = await signIn({ clock: () => ms });
    const reads = () => made.provider.asked.filter((path) => path === "/keys").length;
    const pass = (seconds: number) => {
      ms += seconds * 1000;
    };
    return { ...made, reads, pass };
  }

  test("50 tokens at once: they are read once", async () => {
    const { provider, way, reads } = await byHand();
    const token = await provider.token(ops);
    const known = await Promise.all(Array.from({ length: 50 }, () => show(way, token)));
    expect(known.every((each) => "principal" in each)).toBe(true);
    expect(reads()).toBe(1);
  });

  test("a rotated key is found once it may be looked for again, and the old one holds no longer", async () => {
    const { provider, way, reads, pass } = await byHand();
    const old = await provider.token(ops);
    expect(await show(way, old)).toHaveProperty("principal");
    await provider.rotate();
    const fresh = await provider.token(ops);
    expect(await show(way, fresh)).toMatchObject({ refused: { kind: "unauthorized" } });
    pass(31);
    expect(await show(way, fresh)).toHaveProperty("principal");
    expect(await show(way, old)).toMatchObject({ refused: { kind: "unauthorized" } });
    expect(reads()).toBe(2);
  });

  test("a thousand keys that nobody knows have them read twice at most", async () => {
    const { provider, way, reads, pass } = await byHand();
    await show(way, await provider.token(ops));
    pass(31);
    const one = await provider.token(ops);
    const rest = one.slice(one.indexOf("."));
    for (let kid = 0; kid < 1_000; kid++) {
      const header = Buffer.from(JSON.stringify({ alg: "ES256", kid: `k${kid}` })).toString("base64url");
      expect(await show(way, `${header}${rest}`)).toMatchObject({ refused: { kind: "unauthorized" } });
    }
    expect(reads()).toBe(2);
  });

  test("while the provider is away its people go on for an hour, whoever comes with a new key is told so, and then nobody is let in", async () => {
    const { provider, way, log, pass } = await byHand();
    const token = await provider.token(ops);
    expect(await show(way, token)).toHaveProperty("principal");
    await provider.down();
    await provider.rotate();
    const unknown = await provider.token(ops);
    pass(3_000);
    expect(await show(way, token)).toHaveProperty("principal");
    expect(await show(way, unknown)).toMatchObject({
      refused: { kind: "unavailable", headers: { "Retry-After": "5" } },
    });
    pass(601);
    expect(await show(way, token)).toMatchObject({
      refused: {
        kind: "unavailable",
        detail: `Whether the token holds cannot be told now, since the keys of the provider ${provider.issuer} cannot be read: try again in a moment.`,
        hint: expect.stringContaining("ECONNREFUSED"),
      },
    });
    await provider.up();
    pass(6);
    expect(await show(way, unknown)).toHaveProperty("principal");
    expect(log).toEqual([expect.stringContaining("ECONNREFUSED"), "again"]);
  });

  test("an outage is not asked about with each call", async () => {
    const { provider, way } = await byHand();
    provider.instead.set("/keys", "nothing");
    const token = await provider.token(ops);
    for (let call = 0; call < 20; call++)
      expect(await show(way, token)).toMatchObject({ refused: { kind: "unavailable" } });
    expect(provider.asked.filter((path) => path === "/keys").length).toBe(1);
  });

  test("it is ready once they were read", async () => {
    const { provider, way, pass } = await byHand();
    await provider.down();
    await expect.poll(() => way.notReady?.()).toContain("ECONNREFUSED");
    await provider.up();
    pass(6);
    await expect.poll(() => way.notReady?.()).toBeUndefined();
  });

  const metadata = "/.well-known/openid-configuration";
  test.each<[string, string, (issuer: string) => unknown, RegExp]>([
    [
      "metadata of another issuer",
      metadata,
      (i) => ({ issuer: `${i}/`, jwks_uri: `${i}/keys` }),
      /NOMAD_MCP_OIDC_ISSUER is .* both have to be the same/,
    ],
    [
      "keys in clear elsewhere",
      metadata,
      (i) => ({ issuer: i, jwks_uri: "http://keys.example/" }),
      /names no https:\/\/ address of keys/,
    ],
    [
      "keys in a file",
      metadata,
      (i) => ({ issuer: i, jwks_uri: "file:///etc/passwd" }),
      /names no https:\/\/ address of keys/,
    ],
    ["metadata that are none", metadata, () => [], /is no JSON object/],
    ["no metadata", metadata, () => undefined, /answers with status 404/],
    ["keys that are none", "/keys", () => ({ keys: 1 }), /has no list of keys/],
  ])("%s: nobody is let in, and the log says why", async (_, path, what, why) => {
    const { provider, way, log } = await signIn();
    provider.instead.set(path, what(provider.issuer));
    expect(await show(way, await provider.token(ops))).toMatchObject({ refused: { kind: "unavailable" } });
    expect(log).toEqual([expect.stringMatching(why)]);
  });

  test("a key of the provider that is too short to be used is its matter, and no caller's", async () => {
    const { provider, way } = await signIn();
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
    provider.instead.set("/keys", {
      keys: [{ ...short.publicKey.export({ format: "jwk" }), kid: "short", alg: "RS256" }],
    });
    const head = Buffer.from(JSON.stringify({ alg: "RS256", kid: "short" })).toString("base64url");
    const [, claims] = (await provider.token(ops)).split(".");
    const signature = createSign("sha256").update(`${head}.${claims}`).sign(short.privateKey, "base64url");
    expect(await show(way, `${head}.${claims}.${signature}`)).toMatchObject({
      refused: { kind: "unavailable", hint: expect.stringContaining("2048 bits") },
    });
  });

  test("redirects are not followed", async () => {
    const asked: string[] = [];
    const elsewhere = await serve((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}/other` }).end();
    });
    const issuer = `http://127.0.0.1:${elsewhere.port}`;
    const { provider, way, log } = await signIn({ issuer });
    await show(way, await provider.token(ops));
    await elsewhere.stop();
    expect(asked).toEqual([metadata]);
    expect(log).toEqual([`${issuer}${metadata} answers with status 302`]);
  });

  test("it is reached through the proxy of the environment", async () => {
    const asked: string[] = [];
    const through = createServer().on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    const { port, stop } = await listening(through, () => through.closeAllConnections());
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
    const { provider, way, log } = await signIn({ issuer: "https://login.example" });
    expect(await show(way, await provider.token(ops))).toMatchObject({ refused: { kind: "unavailable" } });
    vi.unstubAllEnvs();
    await stop();
    expect(asked).toEqual(["login.example:443"]);
    expect(log).toEqual([expect.stringContaining("(HTTPS_PROXY) does not connect to login.example")]);
  });

  test("a provider with a CA of its own is reached by it, and by no other", async () => {
    const folder = makeFolder();
    const [ours, other] = [await makeAuthority("ours"), await makeAuthority("other")];
    const { cert, key } = await ours.issue("localhost");
    const own = await makeKey("own", "ES256");
    const keys = { keys: [await publicJwk(own)] };
    const listening = await serve(
      (request, response) => {
        const issuer = `https://localhost:${listening.port}`;
        response.end(JSON.stringify(request.url === "/keys" ? keys : { issuer, jwks_uri: `${issuer}/keys` }));
      },
      { cert, key },
    );
    const issuer = `https://localhost:${listening.port}`;
    const token = await sign(own, { iss: issuer, aud: audience, sub: "anna", exp: now() + 60, ...ops });
    const trusting = await signIn({ issuer, ca: folder.write("ours.pem", ours.cert) });
    const wary = await signIn({ issuer, ca: folder.write("other.pem", other.cert) });
    expect(await show(trusting.way, token)).toHaveProperty("principal");
    expect(await show(wary.way, token)).toMatchObject({ refused: { kind: "unavailable" } });
    expect(wary.log).toEqual([expect.stringContaining("is not signed by a CA in")]);
    expect(wary.log[0]).toContain("(NOMAD_MCP_OIDC_CA)");
    await listening.stop();
    folder.remove();
  });
});
