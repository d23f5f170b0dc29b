import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Authority, makeAuthority, makeFolder } from "./support/authority.ts";
import { type McpServer, startMcpServer } from "./support/mcp-server.ts";
import { reply, run } from "./support/program.ts";

// `nomad-mcp check URL`, the built program, before a server of the SDK's own with the routes that nomad-mcp has beside MCP.

const key = "nmcp_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const folder = makeFolder();
let ca: Authority;
let server: McpServer | undefined;
beforeAll(async () => {
  ca = await makeAuthority("Team CA");
  folder.write("ca.pem", ca.cert);
  folder.write("key", `${key}\n`);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => folder.remove());

const whoami = {
  ...{ principal: "anna", auth: "keys", role: "ops", read_only: false, tools: 28 },
  // Between two days, so that the time of the test does not tell.
  expires: new Date(Date.now() + 29.5 * 24 * 3_600_000).toISOString(),
};

/** What stands beside MCP. */
function beside(request: IncomingMessage, response: ServerResponse): boolean {
  const known = request.headers.authorization === `Bearer ${key}`;
  if (request.url === "/readyz") response.end("ok");
  else if (!known) response.writeHead(401).end();
  else if (request.url === "/api/v1/whoami") reply(response, whoami);
  else return false;
  request.resume();
  return true;
}

/** What it printed; ports and times as they are written in the papers. */
async function checked(url: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await run(["check", url], env);
  expect(stderr).toBe("");
  expect(stdout).not.toContain(key);
  const plain = stdout
    .replaceAll(/(localhost|127\.0\.0\.1):\d+/g, "nomad-mcp.example.com")
    .replaceAll(folder.path, "/etc/nomad-mcp")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "2026-12-31T12:00:00Z");
  return `${plain}\nexit status ${code}`;
}

const withCa = () => ({
  NOMAD_MCP_KEY_FILE: `${folder.path}/key`,
  NOMAD_MCP_SERVER_CA: `${folder.path}/ca.pem`,
});

test("all is well: certificates, who the server takes the caller for, its name, revision and tools", async () => {
  const { cert, key: secret } = await ca.issue("localhost");
  server = await startMcpServer({ tls: { cert: `${cert}\n${ca.cert}`, key: secret }, gate: beside });
  expect(await checked(server.url, withCa())).toMatchInlineSnapshot(`
    "https://nomad-mcp.example.com/mcp: works
      with: key from /etc/nomad-mcp/key (NOMAD_MCP_KEY_FILE), CA /etc/nomad-mcp/ca.pem (NOMAD_MCP_SERVER_CA)
      TLS: the server's certificate is CN=localhost, issued by CN=Team CA, valid for 23h, until 2026-12-31T12:00:00Z
      TLS: above it CN=Team CA, valid for 29d, until 2026-12-31T12:00:00Z
      TLS: CA CN=Team CA, valid for 29d, until 2026-12-31T12:00:00Z (/etc/nomad-mcp/ca.pem)
      ready: yes
      caller: anna (keys), expires in 29d (2026-12-31T12:00:00Z)
      role: ops, 28 tools
      server: nomad-mcp 9.8.7, protocol revision 2025-11-25
      tools: 4
    exit status 0"
  `);
});

test("a server that has no such routes, reached without a key", async () => {
  server = await startMcpServer();
  expect(await checked(server.url, {})).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/mcp: works
      with: no key
      ready: not told (404 from /readyz)
      caller: not told (404 from /api/v1/whoami)
      server: nomad-mcp 9.8.7, protocol revision 2025-11-25
      tools: 4
    exit status 0"
  `);
});

test("a key that is refused, whether the server has the route or not", async () => {
  const refusing = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    if (request.url === "/mcp") response.writeHead(401).end();
    else response.writeHead(404).end();
    return true;
  };
  server = await startMcpServer({ gate: refusing });
  expect(await checked(server.url, { NOMAD_MCP_KEY: key })).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/mcp: cannot be worked with
      with: key from NOMAD_MCP_KEY
      ready: not told (404 from /readyz)
      caller: not told (404 from /api/v1/whoami)
      FAILED: The server refuses the key in NOMAD_MCP_KEY (401): it is unknown there, expired or was removed, so ask those who run the server for another one.
    exit status 1"
  `);
  const { url } = server;
  await server.stop();
  server = await startMcpServer({ gate: beside, port: Number(new URL(url).port) });
  expect(await checked(url, { NOMAD_MCP_KEY: "nmcp_other" })).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/mcp: cannot be worked with
      with: key from NOMAD_MCP_KEY
      ready: yes
      FAILED: The server refuses the key in NOMAD_MCP_KEY (401): it is unknown there, expired or was removed, so ask those who run the server for another one.
    exit status 1"
  `);
});

describe("a server that knows callers by their Nomad token", () => {
  const token = "5d9c1e70-3a52-4c1b-8f0e-6b7a2d94c813";
  let shown: (string | undefined)[] = [];
  const gate = (request: IncomingMessage, response: ServerResponse) => {
    const { authorization, "x-nomad-token": header } = request.headers;
    if (request.url === "/readyz") response.end("ok");
    else {
      shown.push(authorization, header?.toString());
      if (header === token && request.url === "/mcp") return false;
      if (header === token) reply(response, { ...whoami, auth: "nomad-token" });
      else response.writeHead(401, { "WWW-Authenticate": 'Nomad-Token header="X-Nomad-Token"' }).end();
    }
    request.resume();
    return true;
  };
  const look = async (env: Record<string, string>) => {
    shown = [];
    server ??= await startMcpServer({ gate });
    const told = await checked(server.url, env);
    expect(told).not.toContain(token);
    return told;
  };

  test("is shown that of the settings, where they say so, and no key", async () => {
    expect(await look({ NOMAD_TOKEN: token, NOMAD_MCP_SEND_TOKEN: "true" })).toMatchInlineSnapshot(`
      "http://nomad-mcp.example.com/mcp: works
        with: Nomad token from NOMAD_TOKEN
        ready: yes
        caller: anna (nomad-token), expires in 29d (2026-12-31T12:00:00Z)
        role: ops, 28 tools
        server: nomad-mcp 9.8.7, protocol revision 2025-11-25
        tools: 4
      exit status 0"
    `);
    expect(new Set(shown)).toEqual(new Set([undefined, token]));
    const file = folder.write("token", `${token}\n`);
    expect(await look({ NOMAD_MCP_TOKEN_FILE: file, NOMAD_MCP_SEND_TOKEN: "true" })).toContain(
      "with: Nomad token from /etc/nomad-mcp/token (NOMAD_MCP_TOKEN_FILE)",
    );
    expect(new Set(shown)).toEqual(new Set([undefined, token]));
  });

  test("is shown none where they do not say so, and what to set is told", async () => {
    expect(await look({ NOMAD_TOKEN: token })).toMatchInlineSnapshot(`
      "http://nomad-mcp.example.com/mcp: cannot be worked with
        with: no key
        ready: yes
        FAILED: The server asks for your own Nomad token, and none is shown (401): set NOMAD_MCP_SEND_TOKEN=true beside NOMAD_TOKEN or NOMAD_MCP_TOKEN_FILE, and no key.
      exit status 1"
    `);
    expect(new Set(shown)).toEqual(new Set([undefined]));
    expect(await look({ NOMAD_TOKEN: token, NOMAD_MCP_KEY: key })).toContain(
      "The server asks for your own Nomad token, and is shown the key in NOMAD_MCP_KEY (401): set NOMAD_MCP_SEND_TOKEN=true",
    );
    expect(new Set(shown)).toEqual(new Set([`Bearer ${key}`, undefined]));
  });

  test("a token that it refuses, none to show, and a key beside it", async () => {
    const other = "c07e64b2-91d8-4f35-a2c6-18e5f3b07d49";
    expect(await look({ NOMAD_TOKEN: other, NOMAD_MCP_SEND_TOKEN: "true" })).toContain(
      "FAILED: The server refuses the Nomad token in NOMAD_TOKEN (401)",
    );
    const url = server?.url ?? "";
    const refused = async (env: Record<string, string>) =>
      (await run(["check", url], { NOMAD_MCP_SEND_TOKEN: "true", ...env })).stderr;
    shown = [];
    expect(await refused({})).toContain("none is set: set NOMAD_TOKEN or NOMAD_MCP_TOKEN_FILE.");
    expect(await refused({ NOMAD_TOKEN: token, NOMAD_MCP_KEY: key })).toContain(
      "NOMAD_MCP_KEY and NOMAD_MCP_SEND_TOKEN exclude each other",
    );
    expect(shown).toEqual([]);
  });
});

test("a server that is draining", async () => {
  server = await startMcpServer({
    gate(request, response) {
      if (request.url === "/readyz") response.writeHead(503).end("draining");
      return request.url === "/readyz";
    },
  });
  expect(await checked(server.url, {})).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/mcp: cannot be worked with
      with: no key
      FAILED: The server is not ready: draining; look again in a moment.
    exit status 1"
  `);
});

test("a certificate that expired, of a CA that is not known: what the server shows is told all the same", async () => {
  server = await startMcpServer({ tls: await ca.issue("localhost", { from: -3, to: -2 }) });
  expect(await checked(server.url, {})).toMatchInlineSnapshot(`
    "https://nomad-mcp.example.com/mcp: cannot be worked with
      with: no key
      TLS: the server's certificate is CN=localhost, issued by CN=Team CA, EXPIRED 2d ago
      FAILED: TLS to https://nomad-mcp.example.com failed: the server's certificate (CN=localhost, issued by CN=Team CA) expired 2d ago (2026-12-31T12:00:00Z): renew it on the server.
    exit status 1"
  `);
});

test("an address at which something else answers, and one at which nothing does", async () => {
  server = await startMcpServer();
  expect(await checked(server.url.replace("/mcp", "/other"), {})).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/other: cannot be worked with
      with: no key
      ready: not told (404 from /readyz)
      caller: not told (404 from /api/v1/whoami)
      FAILED: What answers at http://nomad-mcp.example.com/other is no MCP server over Streamable HTTP (404): correct the address, which for nomad-mcp ends in /mcp, such as http://nomad-mcp.example.com/mcp.
    exit status 1"
  `);
  await server.stop();
  expect(await checked(server.url, {})).toMatchInlineSnapshot(`
    "http://nomad-mcp.example.com/mcp: cannot be worked with
      with: no key
      FAILED: Nothing answers at http://nomad-mcp.example.com (connect ECONNREFUSED nomad-mcp.example.com): see that the server runs there, that the address is right, and that VPN and firewall let it through.
    exit status 1"
  `);
});

test("it takes one address, and a key in a file or variable alone", async () => {
  expect(await run(["check", "https://a/mcp", "more"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: 'nomad-mcp: check takes one address, and no "more"\n',
  });
  expect((await run(["check", "ftp://a/mcp"])).stderr).toBe(
    'nomad-mcp: "ftp://a/mcp" is not the address of a server, such as https://nomad-mcp.example.com/mcp.\n',
  );
});
