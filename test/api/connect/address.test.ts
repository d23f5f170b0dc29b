import { describe, expect, test } from "vitest";
import { basicAuth, readAddress } from "../../../src/api/connect/address.ts";
import { proxyFor } from "../../../src/api/connect/proxy.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";

describe("an address", () => {
  test.each([
    ["http://127.0.0.1:4646", "http://127.0.0.1:4646"],
    ["https://nomad.example/", "https://nomad.example"],
    ["HTTPS://Nomad.Example:443", "https://nomad.example"],
    ["https://gate.example:8443/nomad/", "https://gate.example:8443/nomad"],
    ["http://[::1]:4646", "http://[::1]:4646"],
  ])("%s", (address, base) => {
    expect(readAddress(address)).toEqual({ base, shown: base });
  });

  test("a unix socket: plain HTTP to 127.0.0.1, its path as it stands", () => {
    expect(readAddress("unix:///secrets/a%20b/api.sock")).toEqual({
      base: "http://127.0.0.1",
      shown: "unix:///secrets/a%20b/api.sock",
      socket: "/secrets/a%20b/api.sock",
    });
  });

  test("with user and password: they are not part of what is shown", () => {
    const target = readAddress("https://ann:p%40ss%2Fw@nomad.example/x");
    expect(target).toEqual({
      base: "https://nomad.example/x",
      shown: "https://nomad.example/x",
      user: "ann:p@ss/w",
    });
  });

  test.each([
    ["nomad.example:4646", "must begin with http://"],
    ["localhost:4646", "must begin with http://"],
    ["ftp://nomad.example", "must begin with http://"],
    ["http://", "is not an address"],
    ["http://nomad.example:99999", "is not an address"],
    ["http://nomad.example?region=x", "must end with the host, port or path"],
    ["http://a%zz:b@nomad.example", "broken %-escape"],
    ["unix://secrets/api.sock", "whole path"],
    ["unix://", "whole path"],
    [`unix:///${"x".repeat(120)}`, "too long"],
  ])("refused, with the cure: %s", (address, cure) => {
    expect(() => readAddress(address, "clusters.prod.address")).toThrow(Refusal);
    expect(() => readAddress(address, "clusters.prod.address")).toThrow(/^clusters\.prod\.address: "/);
    expect(() => readAddress(address)).toThrow(cure);
  });

  test.each([
    "http://ann:hunter2@nomad.example:x",
    "http://ann:hunt/er2@nomad.example",
    "ann:hunter2@nomad.example",
    "ftp://ann:hunter2@h",
  ])("refused without its password: %s", (address) => {
    expect(() => readAddress(address)).toThrow(Refusal);
    expect(() => readAddress(address)).not.toThrow(/hunt/);
  });

  test.each([
    ["http://nomad.example?token=hunter2", '"http://nomad.example?[masked]"'],
    ["http://nomad.example/#hunter2", '"http://nomad.example/#[masked]"'],
    ["ftp://ann:hunter2@nomad.example/?token=hunter2", '"ftp://[masked]@nomad.example/?[masked]"'],
    ["http://nomad.example/?to=ann:hunter2@x", '"http://[masked]@x"'],
  ])("refused without what is secret in it: %s", (address, shown) => {
    expect(() => readAddress(address)).toThrow(`NOMAD_ADDR: ${shown} `);
    expect(() => readAddress(address)).not.toThrow(/hunter2/);
  });
});

describe("basic authentication", () => {
  const plain = readAddress("http://nomad.example");
  const decoded = (header = "") => Buffer.from(header.replace(/^Basic /, ""), "base64").toString();

  test.each([
    ["ann:secret", "ann:secret"],
    ["ann:se:cret", "ann:se:cret"],
    ["ann", "ann:"],
    ["ann:grüße", "ann:grüße"],
  ])("%s", (httpAuth, sent) => {
    expect(decoded(basicAuth(plain, httpAuth))).toBe(sent);
  });

  test("none", () => {
    expect(basicAuth(plain, undefined)).toBeUndefined();
    expect(basicAuth(plain, "")).toBeUndefined();
  });

  test("the address's own wins", () => {
    expect(decoded(basicAuth(readAddress("http://bob@nomad.example"), "ann:secret"))).toBe("bob:");
  });
});

describe("the proxy, as Go's library chooses it", () => {
  const both = { HTTPS_PROXY: "http://secure.example:3128", HTTP_PROXY: "http://plain.example:3128" };
  const chosen = (base: string, env: Record<string, string>) => proxyFor(base, env)?.shown;

  test("by the scheme, none in place of the other", () => {
    expect(chosen("https://nomad.example:4646", both)).toBe("http://secure.example:3128");
    expect(chosen("http://nomad.example:4646", both)).toBe("http://plain.example:3128");
    expect(chosen("https://nomad.example", { HTTP_PROXY: both.HTTP_PROXY })).toBeUndefined();
    expect(chosen("http://nomad.example", { HTTPS_PROXY: both.HTTPS_PROXY })).toBeUndefined();
  });

  test("lower case too; upper case wins", () => {
    expect(chosen("https://nomad.example", { https_proxy: "http://lower.example" })).toBe("http://lower.example");
    expect(chosen("https://nomad.example", { ...both, https_proxy: "http://lower.example" })).toBe(
      "http://secure.example:3128",
    );
  });

  test("without a scheme it is an HTTP proxy; user and password are not shown", () => {
    expect(proxyFor("https://nomad.example", { HTTPS_PROXY: "ann:secret@proxy.example:3128" })).toMatchObject({
      shown: "http://proxy.example:3128",
      setting: "HTTPS_PROXY",
    });
  });

  test.each(["http://localhost:4646", "http://127.0.0.1:4646", "http://127.3.2.1:4646", "http://[::1]:4646"])(
    "never for this machine: %s",
    (base) => {
      expect(proxyFor(base, both)).toBeUndefined();
    },
  );

  test.each([
    ["*", true],
    ["nomad.example", true],
    ["NOMAD.example", true],
    ["example", true],
    [".example", true],
    ["*.example", true],
    ["other.example, nomad.example", true],
    ["nomad.example:4646", true],
    ["nomad.example:4647", false],
    [".nomad.example", false],
    ["mad.example", false],
    ["10.0.0.0/8", false],
    ["", false],
  ])("NO_PROXY=%s and a name: directly %s", (NO_PROXY, directly) => {
    expect(proxyFor("https://nomad.example:4646", { ...both, NO_PROXY }) === undefined).toBe(directly);
    expect(proxyFor("https://nomad.example:4646", { ...both, no_proxy: NO_PROXY }) === undefined).toBe(directly);
  });

  test.each([
    ["https://10.1.2.3:4646", "10.0.0.0/8", true],
    ["https://10.1.2.3:4646", "10.1.2.3", true],
    ["https://10.1.2.3:4646", "10.1.2.3:4646", true],
    ["https://10.1.2.3:4646", "10.1.2.3:80", false],
    ["https://11.1.2.3:4646", "10.0.0.0/8,192.168.0.0/16", false],
    ["https://10.1.2.3", "10.1.2.3:443", true],
    ["https://[fd00::7]:4646", "fd00::/8", true],
    ["https://[fd00::7]:4646", "fd00::7", true],
    ["https://[fd00::7]:4646", "[fd00::7]:4646", true],
    ["https://[fd00::7]:4646", "[fd00::7]:80", false],
    ["https://[fd00::7]:4646", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.0.0.0/x,10.0.0.0/,/8,10.0.0.0/99,:,[", false],
  ])("%s and NO_PROXY=%s: directly %s", (base, NO_PROXY, directly) => {
    expect(proxyFor(base, { ...both, NO_PROXY }) === undefined).toBe(directly);
  });

  test.each(["socks5://proxy.example:1080", "http://", "http://ann:hunter2@proxy.example:x", "ann:hunter2@:x"])(
    "what is no HTTP proxy is refused, without its password: %s",
    (HTTPS_PROXY) => {
      expect(() => proxyFor("https://nomad.example", { HTTPS_PROXY })).toThrow(/^HTTPS_PROXY: .*NO_PROXY\b/);
      expect(() => proxyFor("https://nomad.example", { HTTPS_PROXY })).not.toThrow(/hunter2/);
    },
  );

  test("what is no HTTP proxy does not matter to an address that is reached directly", () => {
    expect(proxyFor("http://127.0.0.1:4646", { HTTP_PROXY: "socks5://x" })).toBeUndefined();
  });
});
