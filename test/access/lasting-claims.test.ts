import { describe, expect, test } from "vitest";
import { lastingClaims } from "../../src/access/oidc/lasting-claims.ts";

// What makes two access tokens of one person the same for Nomad, which may go by any claim.

const anna = {
  ...{
    iss: "https://login.example.com",
    sub: "1",
    aud: ["mcp"],
    exp: 2_000_000_000,
    groups: ["ops", "dev"],
    acr: "pwd",
  },
  realm_access: { roles: ["a"], more: { b: 1, c: 2 } },
};

describe("is the same", () => {
  test.each([
    ["of a token made later", { exp: 2_000_003_600, iat: 5, nbf: 5, jti: "another" }],
    ["after another sign-in", { auth_time: 7, sid: "s2", nonce: "n", session_state: "s2" }],
    ["with the ids of Entra ID", { uti: "u", aio: "a", rh: "r" }],
    ["in another order", { realm_access: { more: { c: 2, b: 1 }, roles: ["a"] } }],
  ])("%s", (_, claims) => {
    expect(lastingClaims({ ...anna, ...claims })).toBe(lastingClaims(anna));
  });

  test("whatever order the claims are in", () => {
    const turned = Object.fromEntries(Object.entries(anna).toReversed()) as typeof anna;
    expect(lastingClaims(turned)).toBe(lastingClaims(anna));
  });
});

describe("is another", () => {
  test.each([
    ["person", { sub: "2" }],
    ["group less", { groups: ["ops"] }],
    ["group by its name alone", { groups: ["ops,dev"] }],
    ["list for a text", { groups: 'ops","dev' }],
    ["way to sign in", { acr: "mfa" }],
    ["claim more", { department: "billing" }],
    ["claim inside", { realm_access: { roles: ["a"], more: { b: 1, c: 3 } } }],
    ["claim inside that only is named as one that passes", { realm_access: { ...anna.realm_access, exp: 1 } }],
    ["claim of a strange name", JSON.parse('{"__proto__": "admin"}') as object],
  ])("with another %s", (_, claims) => {
    const other = Object.fromEntries([...Object.entries(anna), ...Object.entries(claims)]) as typeof anna;
    expect(lastingClaims(other)).not.toBe(lastingClaims(anna));
  });
});
