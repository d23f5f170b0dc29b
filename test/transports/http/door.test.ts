import { expect, test } from "vitest";
import { isLoopback } from "../../../src/api/connect/loopback.ts";
import { type Arrival, doorOf, peerThrough, turnedAway } from "../../../src/transports/http/door.ts";
import { isPrivate, placeText, readPlace } from "../../../src/transports/http/place.ts";

const settings = {
  listen: "",
  auth: ["keys"],
  certificateName: "dns",
  ...{ oidcUserClaim: "sub", oidcGroupsClaim: "groups" },
  rate: "",
  maxCalls: 1,
  rest: true,
  allowManagement: false,
  drainSeconds: 1,
  settingName: String,
} as const;
const door = doorOf(
  {
    ...settings,
    publicUrl: "https://mcp.example:8443",
    allowedHosts: ["inside.example"],
    allowedOrigins: ["https://page.example"],
  },
  { host: "0.0.0.0", port: 8443 },
);
const arrives = (rawHeaders: readonly string[], more: Partial<Arrival> = {}) =>
  turnedAway({ rawHeaders, url: "/mcp", peer: "192.0.2.1", ...more }, door);

test.each(["mcp.example:8443", "MCP.example", "inside.example:1", "localhost:8000", "127.0.0.1", "[::1]:8000"])(
  "it goes by %s",
  (host) => expect(arrives(["Host", host])).toBeUndefined(),
);

test.each([
  ["evil.example"],
  ["mcp.example.evil"],
  ["mcp.example:8443:1"],
  ["0.0.0.0:8443"],
  [""],
  ["mcp.example, evil.example"],
])("it does not go by %j", (host) => expect(arrives(["Host", host])?.kind).toBe("forbidden"));

test("without a name nobody comes in", () => expect(arrives([])?.kind).toBe("forbidden"));

test.each(["Host", "Authorization", "X-Nomad-Token", "MCP-Protocol-Version", "Mcp-Method", "Content-Type", "Origin"])(
  "%s that came twice: what a proxy has looked at need not be what is read here",
  (name) => {
    const host = name === "Host" ? [] : ["Host", "mcp.example"];
    expect(arrives([...host, name, "mcp.example", name.toUpperCase(), "mcp.example"])).toMatchObject({
      kind: "arguments",
    });
  },
);

test.each([["http://evil.example"], ["null"], ["https://page.example.evil"], ["https://mcp.example:8443"], [""]])(
  "scripts of %j stay out",
  (origin) => expect(arrives(["Host", "mcp.example", "Origin", origin])?.kind).toBe("forbidden"),
);

test("scripts of a page that is listed come in", () => {
  expect(arrives(["Host", "mcp.example", "Origin", "https://page.example"])).toBeUndefined();
});

test.each(["token", "access_token", "api_key", "apikey", "key", "KEY", "X-Nomad-Token", "%74oken"])(
  "a secret in the address (%s) is refused, and not repeated",
  (name) => {
    const turned = arrives(["Host", "mcp.example"], { url: `/mcp?a=1&${name}=s3cret` });
    expect(turned?.kind).toBe("arguments");
    expect(JSON.stringify(turned)).not.toContain("s3cret");
  },
);

test("behind a proxy, who comes past it is turned away", () => {
  const behind = doorOf({ ...settings, behindProxy: ["10.0.0.0/8", "2001:db8::/32"] }, { host: "0.0.0.0", port: 1 });
  const from = (peer: string | undefined) =>
    turnedAway({ rawHeaders: ["Host", "localhost"], url: "/", peer }, behind)?.kind;
  expect([from("10.1.2.3"), from("::ffff:10.1.2.3"), from("2001:db8::7"), from("127.0.0.1"), from(undefined)]).toEqual(
    Array(5).fill(undefined),
  );
  expect([from("192.0.2.1"), from("::ffff:192.0.2.1"), from("2001:db9::7")]).toEqual(Array(3).fill("forbidden"));
});

test("where a request came from: a proxy that is known says it, and nobody else does", () => {
  const { proxies } = doorOf({ ...settings, behindProxy: ["10.0.0.0/8"] }, { host: "0.0.0.0", port: 1 });
  const from = (remoteAddress: string, forwarded?: string, known = proxies) =>
    peerThrough(known)({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } } as never);
  expect(from("10.0.0.1", "192.0.2.9")).toBe("192.0.2.9");
  expect(from("10.0.0.1", "203.0.113.5, 192.0.2.9, 10.0.0.2")).toBe("192.0.2.9");
  expect(from("10.0.0.1", "who knows")).toBe("10.0.0.1");
  expect(from("192.0.2.1", "203.0.113.5")).toBe("192.0.2.1");
  expect(from("192.0.2.1", "203.0.113.5", undefined)).toBe("192.0.2.1");
});

test("ranges and places that are none are refused by the name of their setting", () => {
  for (const range of ["10.0.0.0/33", "somewhere", "10.0.0.0/x", "*"]) {
    expect(() => doorOf({ ...settings, behindProxy: [range] }, { host: "0.0.0.0", port: 1 })).toThrow("behindProxy");
  }
  for (const text of ["8000", ":8000", "host", "host:99999", "host:1:2", "http://host:1"]) {
    expect(() => readPlace(text, "NOMAD_MCP_LISTEN")).toThrow("NOMAD_MCP_LISTEN");
  }
  expect(
    ["127.0.0.1:8000", "[::1]:80", "0.0.0.0:8443", "unix:///run/mcp.sock"].map((text) =>
      placeText(readPlace(text, "x")),
    ),
  ).toEqual(["127.0.0.1:8000", "[::1]:80", "0.0.0.0:8443", "unix:///run/mcp.sock"]);
});

test("what is private: loopback and sockets", () => {
  const known = ["127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1", "unix:///x"].map((text) =>
    isPrivate(readPlace(text, "x")),
  );
  expect(known).toEqual(Array(5).fill(true));
  expect(["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "host:1"].map((text) => isPrivate(readPlace(text, "x")))).toEqual(
    Array(4).fill(false),
  );
  expect(isLoopback("::ffff:127.0.0.1")).toBe(true);
});
