import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { byCertificate } from "../../src/access/certificate/by-certificate.ts";
import { type NameKind, namesIn } from "../../src/access/certificate/names.ts";
import { readRoles } from "../../src/access/roles.ts";
import { type AltName, makeAuthority } from "../support/authority.ts";

const authority = await makeAuthority("CA of machines");
const limits = {
  ...{ readOnly: false, confirm: "host" as const, showVariables: false },
  clusters: [{ name: "prod" }],
};
const roles = readRoles(
  {
    ci: { certificates: ["ci.example.com"] },
    fleet: { certificates: ["*.fleet.example.com", "spiffe://team/ns/*"] },
    people: { groups: ["*"] },
  },
  { place: () => "" },
  limits,
);

const uri = (value: string): AltName => ({ type: 6, value });
const dns = (value: string): AltName => ({ type: 2, value });
async function issued(common: string, names: readonly AltName[], days = {}): Promise<X509Certificate> {
  return new X509Certificate((await authority.issue(common, days, names)).cert);
}
const ask = async (certificate: X509Certificate | undefined, kind: NameKind = "dns", now = Date.now) =>
  await byCertificate({ kind, roles, now }).identify({ authorization: undefined, certificate: () => certificate });

describe("the names of a certificate", () => {
  test("are those of one kind alone", async () => {
    const certificate = await issued("common", [dns("A.example.com"), uri("spiffe://team/a"), dns("b.example.com")]);
    expect(namesIn(certificate, "dns")).toEqual(["a.example.com", "b.example.com"]);
    expect(namesIn(certificate, "uri")).toEqual(["spiffe://team/a"]);
    expect(namesIn(certificate, "cn")).toEqual(["common"]);
  });

  test.each<[string, AltName]>([
    ["a comma that begins another name", dns("evil.example, DNS:ci.example.com")],
    ["quotes", dns('evil", DNS:"ci.example.com')],
    ["a comma in a URI", uri("spiffe://team/evil, URI:spiffe://team/ns/ci")],
    ["a line break", dns("evil\nci.example.com")],
    ["a NUL", dns("ci.example.com\0.evil.example")],
    ["nothing", dns("")],
  ])("one cannot be made to look like two: %s", async (_, name) => {
    const certificate = await issued("x", [name, dns("other.example")]);
    for (const kind of ["dns", "uri"] as const) {
      expect(namesIn(certificate, kind).filter((each) => each !== "other.example")).toEqual([]);
      expect(await ask(certificate, kind)).toMatchObject({ refused: { kind: "forbidden" } });
    }
  });

  test("a common name with characters of its own is none", async () => {
    expect(namesIn(await issued("ci.example.com\nCN=root", []), "cn")).toEqual([]);
  });
});

describe("who calls", () => {
  test("is the name that a role has, until the certificate ends", async () => {
    const certificate = await issued("x", [dns("node-7.fleet.example.com")]);
    expect(await ask(certificate)).toEqual({
      principal: {
        id: JSON.stringify(["mtls", "dns", "node-7.fleet.example.com"]),
        ...{ name: "node-7.fleet.example.com", auth: "mtls", role: roles.get("fleet") },
        expires: Date.parse(certificate.validTo),
      },
    });
  });

  test("of several names the one that a role has, the first role of the file before others", async () => {
    const certificate = await issued("x", [dns("a.fleet.example.com"), dns("ci.example.com")]);
    expect(await ask(certificate)).toMatchObject({ principal: { name: "ci.example.com", role: { name: "ci" } } });
  });

  test.each<[string, readonly AltName[], NameKind, string]>([
    ["no role", [dns("web.example.com")], "dns", "The client certificate of web.example.com has no role here"],
    ["a name of another kind", [uri("ci.example.com")], "dns", "The client certificate has no DNS name"],
    ["the common name, where that is not asked for", [], "dns", "The client certificate has no DNS name"],
    ["a name around it", [dns("ci.example.com.evil.example")], "dns", "has no role here"],
    ["no URI", [dns("ci.example.com")], "uri", "The client certificate has no URI"],
  ])("is refused with %s", async (_, names, kind, words) => {
    const certificate = await issued("ci.example.com", names);
    expect(await ask(certificate, kind)).toMatchObject({
      refused: { kind: "forbidden", detail: expect.stringContaining(words) },
    });
  });

  test("a connection may outlive its certificate, and then it lets nobody in", async () => {
    const certificate = await issued("x", [dns("ci.example.com")]);
    const after = () => Date.parse(certificate.validTo) + 1;
    expect(await ask(certificate, "dns", after)).toMatchObject({
      refused: { kind: "unauthorized", detail: expect.stringContaining("expired at") },
    });
  });

  test("a key or token that is shown beside it says who calls, and without a certificate nobody does", async () => {
    const way = byCertificate({ kind: "dns", roles });
    const certificate = await issued("x", [dns("ci.example.com")]);
    expect(way.takes({ authorization: "Bearer nmcp_x", certificate: () => certificate })).toBe(false);
    expect(way.takes({ authorization: undefined, certificate: () => certificate })).toBe(true);
    expect(way.takes({ authorization: undefined })).toBe(false);
    expect(await ask(undefined)).toMatchObject({ refused: { kind: "unauthorized" } });
  });
});
