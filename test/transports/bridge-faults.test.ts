import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Authority, listening, makeAuthority, makeFolder } from "../support/authority.ts";
import { type McpServer, startMcpServer } from "../support/mcp-server.ts";
import { Program, run } from "../support/program.ts";

// What `nomad-mcp bridge` says of a server that it does not reach, or that does not answer: once on stderr, and as the error of
// each request.

const key = "nmcp_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const folder = makeFolder();
let ca: Authority;
beforeAll(async () => {
  ca = await makeAuthority("Team CA");
  folder.write("ca.pem", ca.cert);
});
afterAll(() => folder.remove());

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** What the log was told, and the errors of a request and of a call; hosts and ports as they are written in the papers. */
async function told(url: string, env: Record<string, string> = { NOMAD_MCP_KEY: key }, args: string[] = []) {
  const program = new Program(["bridge", url, ...args], env);
  ends.push(async () => void program.child.kill("SIGKILL"));
  const started = await program.initialize();
  const called = await program.answer(program.call("echo"));
  program.child.stdin.end();
  await program.end();
  expect(program.messages.every(({ jsonrpc }) => jsonrpc === "2.0")).toBe(true);
  expect(program.output).not.toContain(key);
  const plain = (text = "") =>
    text.replaceAll(/(localhost|127\.0\.0\.1):\d+/g, "host:8000").replaceAll(folder.path, "/etc/nomad-mcp");
  return {
    log: plain(program.stderr).replaceAll(/^nomad-mcp: \S+ /gm, ""),
    initialize: plain(started.error?.message),
    call: plain(called.error?.message).replace(plain(started.error?.message) || "none", "..."),
  };
}

async function serving(options: Parameters<typeof startMcpServer>[0]): Promise<McpServer> {
  const server = await startMcpServer(options);
  ends.push(server.stop);
  return server;
}

/** A server that answers everything so. */
const answering = (answer: (response: ServerResponse, request: IncomingMessage) => void) =>
  serving({
    gate(request, response) {
      request.resume();
      answer(response, request);
      return true;
    },
  });

const problem = (response: ServerResponse, status: number, detail: string) =>
  response.writeHead(status, { "Content-Type": "application/problem+json" }).end(JSON.stringify({ detail }));

describe("a server that is not reached", () => {
  test("nothing listens", async () => {
    const server = await startMcpServer();
    await server.stop();
    expect(await told(server.url)).toMatchInlineSnapshot(`
      {
        "call": "... The call was not carried out.",
        "initialize": "Nothing answers at http://host:8000 (connect ECONNREFUSED host:8000): see that the server runs there, that the address is right, and that VPN and firewall let it through.",
        "log": "bridge: Nothing answers at http://host:8000 (connect ECONNREFUSED host:8000): see that the server runs there, that the address is right, and that VPN and firewall let it through.
      ",
      }
    `);
  });

  test("a name that is not known", async () => {
    const { initialize } = await told("https://nomad-mcp.invalid/mcp");
    expect(initialize).toMatch(/^Nothing answers at https:\/\/nomad-mcp\.invalid \(getaddrinfo (ENOTFOUND|EAI_AGAIN) /);
  });

  test("the connection ends before the answer: the call may have been carried out, and is sent once", async () => {
    let calls = 0;
    const server = await answering((response, request) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        if (body.includes("tools/call")) calls++;
        response.destroy();
      });
    });
    expect(await told(server.url)).toMatchInlineSnapshot(`
      {
        "call": "... The call may have been carried out and was not sent again: look before you repeat it.",
        "initialize": "The connection to http://host:8000 was lost before the answer was there (other side closed).",
        "log": "bridge: The connection to http://host:8000 was lost before the answer was there (other side closed).
      ",
      }
    `);
    expect(calls).toBe(1);
  });

  test("a proxy that does not answer", async () => {
    const env = { NOMAD_MCP_KEY: key, HTTPS_PROXY: "http://127.0.0.1:1" };
    expect((await told("https://nomad-mcp.example/mcp", env)).initialize).toMatchInlineSnapshot(
      `"https://nomad-mcp.example is not reached: the proxy http://host:8000 (HTTPS_PROXY) cannot be reached: connect ECONNREFUSED host:8000."`,
    );
  });
});

describe("certificates", () => {
  const secure = async (days = {}, issuer = ca, name = "localhost") =>
    await serving({ tls: await issuer.issue(name, days) });
  const env = { NOMAD_MCP_SERVER_CA: "", NOMAD_MCP_KEY: key };
  beforeAll(() => {
    env.NOMAD_MCP_SERVER_CA = `${folder.path}/ca.pem`;
  });
  /** Times change from run to run. */
  const timeless = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME");

  test("of a CA that nobody told us", async () => {
    expect((await told((await secure()).url)).initialize).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: the server's certificate (CN=localhost, issued by CN=Team CA) is not signed by a CA that Node trusts: set NOMAD_MCP_SERVER_CA to the PEM file of the CA that signed it."`,
    );
  });

  test("of another CA than the one that is set", async () => {
    const { url } = await secure({}, await makeAuthority("Another CA"));
    expect((await told(url, env)).initialize).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: the server's certificate (CN=localhost, issued by CN=Another CA) is not signed by a CA in /etc/nomad-mcp/ca.pem (NOMAD_MCP_SERVER_CA)."`,
    );
  });

  test("expired", async () => {
    expect(timeless((await told((await secure({ from: -3, to: -2 })).url, env)).initialize)).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: the server's certificate (CN=localhost, issued by CN=Team CA) expired 2d ago (TIME): renew it on the server."`,
    );
  });

  test("for another name", async () => {
    expect((await told((await secure({}, ca, "nomad-mcp.example.com")).url, env)).initialize).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: the server's certificate is for nomad-mcp.example.com, not for localhost: set the host in the address to one of these, such as nomad-mcp.example.com."`,
    );
  });

  test("a CA file that is not there", async () => {
    const missing = { ...env, NOMAD_MCP_SERVER_CA: `${folder.path}/none.pem` };
    expect(await told((await secure()).url, missing)).toMatchInlineSnapshot(`
      {
        "call": "... The call was not carried out.",
        "initialize": "NOMAD_MCP_SERVER_CA: the file /etc/nomad-mcp/none.pem cannot be read (ENOENT).",
        "log": "bridge: NOMAD_MCP_SERVER_CA: the file /etc/nomad-mcp/none.pem cannot be read (ENOENT).
      ",
      }
    `);
  });

  test("the server wants one of ours; with it all is well", async () => {
    const issued = await ca.issue("localhost");
    const server = await serving({ tls: { ...issued, ca: ca.cert, requestCert: true, rejectUnauthorized: true } });
    expect((await told(server.url, env)).initialize).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: the server asks for a client certificate and none is set: set NOMAD_MCP_SERVER_CLIENT_CERT and NOMAD_MCP_SERVER_CLIENT_KEY."`,
    );
    const ours = await ca.issue("client.team");
    const pair = ["--server-client-cert", folder.write("client.pem", ours.cert)];
    pair.push("--server-client-key", folder.write("client-key.pem", ours.key));
    expect(await told(server.url, env, pair)).toMatchObject({ initialize: "", call: "" });
  });

  test("https where the server speaks http, and http where it speaks https", async () => {
    const plain = await serving({});
    expect((await told(plain.url.replace("http:", "https:"), env)).initialize).toMatchInlineSnapshot(
      `"TLS to https://host:8000 failed: what answers at host:8000 does not speak TLS: the address must begin with http:// there."`,
    );
    const { url } = await secure();
    expect(await told(url.replace("https:", "http:"), env)).toMatchInlineSnapshot(`
      {
        "call": "... The call was not carried out.",
        "initialize": "http://host:8000 speaks HTTPS: the address must begin with https://.",
        "log": "bridge: http://host:8000 speaks HTTPS: the address must begin with https://.
      ",
      }
    `);
  });
});

describe("a server that does not answer with MCP", () => {
  const page = (response: ServerResponse, status: number, title: string) =>
    response.writeHead(status, { "Content-Type": "text/html" }).end(`<html><title>${title}</title></html>`);
  const json = (response: ServerResponse, text: string, status = 200) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(text);

  test.each<[string, (response: ServerResponse) => void, string, boolean]>([
    [
      "401 of nomad-mcp",
      (response) => problem(response, 401, `${key} is unknown: ask for another one.`),
      "The server refuses the key in NOMAD_MCP_KEY (401): [masked] is unknown: ask for another one.",
      false,
    ],
    [
      "401",
      (response) => page(response, 401, "Unauthorized"),
      "The server refuses the key in NOMAD_MCP_KEY (401: Unauthorized): it is unknown there, expired or was removed, so ask those who run the server for another one.",
      false,
    ],
    [
      "403 of nomad-mcp",
      (response) => problem(response, 403, "The role viewer may not do this."),
      "The server forbids this (403): The role viewer may not do this.",
      false,
    ],
    [
      "403",
      (response) => page(response, 403, "Forbidden"),
      "The server forbids this (403: Forbidden): ask those who run it what the key may do, and from where.",
      false,
    ],
    [
      "429 of nomad-mcp",
      (response) => problem(response, 429, "Too many requests: call again in 7s."),
      "The server takes no more calls of this key for now (429): Too many requests: call again in 7s.",
      false,
    ],
    [
      "429",
      (response) => response.writeHead(429, { "Retry-After": "7" }).end(),
      "The server takes no more calls of this key for now (429): try again in 7s.",
      false,
    ],
    [
      "503 of nomad-mcp",
      (response) => problem(response, 503, "This server is about to end: call again."),
      "The server takes no calls now (503): This server is about to end: call again.",
      false,
    ],
    [
      "503",
      (response) => response.writeHead(503, { "Retry-After": "0" }).end("no server available\n"),
      "The server takes no calls now (503: no server available): it starts, stops or has too much to do, so try again in 1s.",
      false,
    ],
    [
      "502",
      (response) => page(response, 502, "502 Bad Gateway"),
      "What stands in front of the server gets no answer from it (502: Bad Gateway): see that the server runs.",
      true,
    ],
    ["500", (response) => problem(response, 500, ""), "The server failed (500): its log says more.", true],
    [
      "413",
      (response) => page(response, 413, "413 Request Entity Too Large"),
      "The message is larger than the server takes (413: Request Entity Too Large): send less.",
      false,
    ],
    [
      "400",
      (response) => json(response, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request"}}', 400),
      "The server refuses the message (400: Bad Request): see that it and this program are of the same version.",
      false,
    ],
    [
      "404",
      (response) => page(response, 404, "404 page not found"),
      "What answers at http://host:8000/mcp is no MCP server over Streamable HTTP (404: page not found): see that nomad-mcp serve runs there, and that what stands in front of it hands this path on.",
      false,
    ],
    [
      "a redirect",
      (response) => response.writeHead(308, { Location: "https://host/mcp?token=x" }).end(),
      "http://host:8000/mcp redirects to https://host/mcp?[masked] (308): redirects are not followed, so set that address.",
      false,
    ],
    [
      "a page to sign in",
      (response) => page(response, 200, "Sign in"),
      "What answers at http://host:8000/mcp is no MCP server over Streamable HTTP (it sends text/html: Sign in): see that nomad-mcp serve runs there, and that what stands in front of it hands this path on.",
      false,
    ],
    ["what is no JSON", (response) => json(response, "{"), "What the server answered is no message of MCP.", true],
    ["what is no message", (response) => json(response, "[]"), "What the server answered is no message of MCP.", true],
    [
      "the answer to another request",
      (response) => json(response, '{"jsonrpc":"2.0","id":"other","result":{}}'),
      "What came was the answer to another request: something between here and the server mixes them up.",
      true,
    ],
    [
      "a stream that ends without it",
      (response) => response.writeHead(200, { "Content-Type": "text/event-stream" }).end(': \n\ndata: {"jsonrpc"'),
      "The server ended the connection before the answer was there.",
      true,
    ],
  ])("%s", async (_, answer, said, mayHaveHappened) => {
    const { log, initialize, call } = await told((await answering(answer)).url);
    expect(initialize).toBe(said);
    expect(log).toBe(`bridge: ${said}\n`);
    expect(call).toBe(
      mayHaveHappened
        ? "... The call may have been carried out and was not sent again: look before you repeat it."
        : "... The call was not carried out.",
    );
  });

  test("401 without a key, and with one from a file", async () => {
    const server = await answering((response) => response.writeHead(401).end());
    expect((await told(server.url, {})).initialize).toMatchInlineSnapshot(
      `"The server asks for a key, and none is set (401): put the key into a file and name it in NOMAD_MCP_KEY_FILE, or set NOMAD_MCP_KEY."`,
    );
    const file = folder.write("key", `${key}\n`);
    expect((await told(server.url, { NOMAD_MCP_KEY_FILE: file })).initialize).toMatchInlineSnapshot(
      `"The server refuses the key in /etc/nomad-mcp/key (NOMAD_MCP_KEY_FILE) (401): it is unknown there, expired or was removed, so ask those who run the server for another one; a new one in the file is used as soon as it is there."`,
    );
  });

  test("401 where people sign in, without a token", async () => {
    const challenge = 'Bearer resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"';
    const server = await answering((response) => response.writeHead(401, { "www-authenticate": challenge }).end());
    expect((await told(server.url, {})).initialize).toMatchInlineSnapshot(
      `"The server has people sign in at their provider, which this program cannot (401): give http://host:8000/mcp to a host that can, such as Claude Code, or name a file with a key or an access token in NOMAD_MCP_KEY_FILE."`,
    );
  });

  test("a path that is no MCP's", async () => {
    const server = await serving({});
    expect((await told(server.url.replace("/mcp", "/"))).initialize).toMatchInlineSnapshot(
      `"What answers at http://host:8000 is no MCP server over Streamable HTTP (404): correct the address, which for nomad-mcp ends in /mcp, such as http://host:8000/mcp."`,
    );
  });

  test("a refusal that speaks MCP of the request is its answer", async () => {
    const server = await answering((response, request) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        const { id } = JSON.parse(body);
        const error = { code: -32601, message: "no such method" };
        response.writeHead(404, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ jsonrpc: "2.0", id, error }));
      });
    });
    const program = new Program(["bridge", server.url]);
    ends.push(async () => void program.child.kill("SIGKILL"));
    expect((await program.initialize()).error).toEqual({ code: -32601, message: "no such method" });
  });
});

describe("what stops the start: one line, exit status 1, nothing on stdout", () => {
  test.each([
    [["bridge"], {}, "bridge needs the address of a server: bridge https://host/mcp"],
    [["bridge", "https://a/mcp", "more"], {}, 'bridge takes one address, and no "more"'],
    [
      ["bridge", "host/mcp"],
      {},
      '"host/mcp" is not the address of a server, such as https://nomad-mcp.example.com/mcp.',
    ],
    [
      ["bridge", `https://host/mcp?key=${key}`],
      {},
      '"https://host/mcp?[masked]" holds more than host, port and path: the key does not stand in the address, set NOMAD_MCP_KEY_FILE or NOMAD_MCP_KEY.',
    ],
    [
      ["bridge", "http://192.0.2.1/mcp"],
      {},
      '"http://192.0.2.1/mcp" would send the key and every answer in clear, so nothing was sent: write https://, or set NOMAD_MCP_ALLOW_HTTP=true where the network in between is trusted.',
    ],
    [
      ["bridge", "https://host/mcp", "--key", key],
      {},
      "--key is no flag, since everybody on this machine can read what stands on a command line: set NOMAD_MCP_KEY.",
    ],
    [
      ["bridge", "https://host/mcp"],
      { NOMAD_MCP_KEY: `${key} ä` },
      "NOMAD_MCP_KEY holds characters that no key has (a line break, a space or a letter beyond ASCII).",
    ],
  ])("%j %j", async (args, env, said) => {
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: `nomad-mcp: ${said}\n` });
  });
});

test("a port at which something listens that says nothing of HTTP", async () => {
  const sockets: Socket[] = [];
  const strange = await listening(
    createServer((socket) => {
      sockets.push(socket);
      socket.write("220 mail.example ESMTP\r\n");
    }),
    () => sockets.map((socket) => socket.destroy()),
  );
  ends.push(strange.stop);
  const { initialize } = await told(`http://127.0.0.1:${strange.port}/mcp`);
  expect(initialize).toMatchInlineSnapshot(
    `"What answers at http://host:8000/mcp is no MCP server over Streamable HTTP (it does not speak HTTP): see that nomad-mcp serve runs there, and that what stands in front of it hands this path on."`,
  );
});
