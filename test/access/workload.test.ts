import { describe, expect, onTestFinished, test } from "vitest";
import type { Authenticator, Identified } from "../../src/access/authenticator.ts";
import { bearerOf } from "../../src/access/bearer.ts";
import { readRoles } from "../../src/access/roles.ts";
import { byWorkload } from "../../src/access/workload/by-workload.ts";
import { serve } from "../support/authority.ts";
import { type Claims, makeKey, publicJwk, sign } from "../support/oidc-issuer.ts";

const limits = {
  ...{ readOnly: false, confirm: "host" as const, showVariables: false },
  clusters: [{ name: "prod" }],
};
const source = { place: (keys: readonly string[]) => keys.join(".") };
const roles = readRoles(
  {
    ci: { jobs: ["default/ci"] },
    shop: { jobs: ["shop/*", "*/deploy-*.x"] },
    odd: { jobs: ["default/a+b (c)", "default/x/y"] },
    people: { groups: ["*"] },
  },
  source,
  limits,
);
/** Nomad signs by RS256 (nomad/encrypter.go), and its identities carry these claims: tried on 2.0.6. */
const key = await makeKey("7d67eff2-24c8-4b87-4605-d1191ff04914");
const now = () => Math.floor(Date.now() / 1000);
const identity = (more: Claims = {}): Claims => ({
  ...{ aud: "https://mcp.example/mcp", exp: now() + 3600, iat: now(), nbf: now(), jti: "7b5ec037" },
  ...{ nomad_allocation_id: "2a4ae762-7237-9267-c251-c8fbfea48c1a", nomad_task: "t" },
  ...{ nomad_namespace: "default", nomad_job_id: "ci", sub: "global:default:ci:g:t:nomad_mcp" },
  ...more,
});
const signed = async (more: Claims = {}) => await sign(key, identity(more), { typ: "JWT" });
const show = async (way: Authenticator, token: string): Promise<Identified> =>
  await way.identify({ authorization: `Bearer ${token}` });

/** A way to know the jobs of a Nomad that has that key, what it was asked with, and what the log says. */
async function workloads() {
  const log: string[] = [];
  const heads: string[] = [];
  const nomad = await serve(async (request, response) => {
    heads.push(`${request.url} ${request.headers["x-nomad-token"]}`);
    response.end(JSON.stringify({ keys: [await publicJwk(key)] }));
  });
  onTestFinished(() => nomad.stop());
  const way = byWorkload({
    ...{ publicUrl: "https://mcp.example/", roles, changed: (trouble) => void log.push(trouble ?? "again") },
    agent: async () => ({
      transport: { base: `http://127.0.0.1:${nomad.port}`, headers: {}, fetch },
      token: () => "the server's own",
    }),
  });
  return { way, log, heads, nomad };
}

test("who calls is the job, all its allocations as one; its token is for nothing else", async () => {
  const { way, heads } = await workloads();
  const token = await signed();
  const known = await show(way, token);
  expect(known).toEqual({
    principal: {
      id: JSON.stringify(["workload-identity", "default", "ci"]),
      ...{ name: "default/ci", auth: "workload-identity", subject: "global:default:ci:g:t:nomad_mcp" },
      ...{ role: roles.get("ci"), expires: expect.any(Number) },
    },
  });
  if (!("principal" in known)) throw new Error("nobody");
  expect(bearerOf(known.principal)).toBeUndefined();
  // At the socket in a task Nomad asks for a token, for its keys, too.
  expect(heads).toEqual(["/.well-known/jwks.json the server's own"]);
});

test.each<[string, string, string | undefined]>([
  ["default", "ci", "ci"],
  ["default", "ci2", undefined],
  ["defaultx", "ci", undefined],
  ["shop", "anything/at all", "shop"],
  ["shop2", "ci", undefined],
  ["default", "deploy-web.x", "shop"],
  ["default", "deploy-webyx", undefined],
  ["default", "a+b (c)", "odd"],
  ["default", "x/y", "odd"],
  ["default", "aab (c)", undefined],
])("the job %s/%s has the role %s", async (nomad_namespace, nomad_job_id, role) => {
  const { way } = await workloads();
  const known = await show(way, await signed({ nomad_namespace, nomad_job_id }));
  expect(known).toMatchObject(
    role === undefined ? { refused: { kind: "forbidden" } } : { principal: { role: { name: role } } },
  );
});

describe("refused", () => {
  test.each<[string, Claims, RegExp]>([
    [
      "an identity for Nomad alone",
      { aud: "nomadproject.io" },
      /its audience \(aud\) has to be https:\/\/mcp\.example\/mcp/,
    ],
    ["one without a ttl", { exp: undefined }, /a token has to end, so give the task a named identity with aud and ttl/],
    ["an old one", { exp: now() - 60 }, /expired at .*: take the one that the file of the identity has now/],
    ["no job", { nomad_job_id: undefined }, /names no namespace and job/],
    ["an empty namespace", { nomad_namespace: "" }, /names no namespace and job/],
    ["a job that is no text", { nomad_job_id: ["ci"] }, /names no namespace and job/],
  ])("%s", async (_, more, words) => {
    const { way } = await workloads();
    expect(await show(way, await signed(more))).toMatchObject({
      refused: {
        kind: "unauthorized",
        detail: expect.stringMatching(words),
        headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
      },
    });
  });

  test("another one's signature", async () => {
    const { way } = await workloads();
    const forged = await sign(await makeKey(key.kid), identity(), { typ: "JWT" });
    expect(await show(way, forged)).toMatchObject({
      refused: { kind: "unauthorized", detail: expect.stringContaining("not signed with a key of Nomad") },
    });
  });

  test("while Nomad is away it is told as that", async () => {
    const { way, nomad, log } = await workloads();
    await nomad.stop();
    expect(await show(way, await signed())).toMatchObject({ refused: { kind: "unavailable" } });
    expect(log).toEqual([expect.stringContaining("ECONNREFUSED")]);
    expect(way.notReady?.()).toMatch(/^no keys of Nomad: /);
  });
});

test("only what names a job of Nomad is taken for one", async () => {
  const { way } = await workloads();
  const taken = (token: string) => way.takes({ authorization: `Bearer ${token}` });
  expect(taken(await signed())).toBe(true);
  expect(taken(await sign(key, { sub: "anna", iss: "https://login.example" }))).toBe(false);
  expect(taken("nmcp_x")).toBe(false);
  expect(way.takes({ authorization: undefined })).toBe(false);
  expect(await way.identify({ authorization: undefined })).toMatchObject({
    refused: { kind: "unauthorized", detail: expect.stringContaining('aud = ["https://mcp.example/mcp"]') },
  });
});

test.each([[["ci"]], [["default/"]], [["/ci"]], [[]]])("a role for the jobs %j is refused", (jobs) => {
  expect(() => readRoles({ ci: { jobs } }, source, limits)).toThrow(/^roles\.ci\.jobs roles\.ci\.jobs: /);
});
