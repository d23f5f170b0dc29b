import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../fuzz/support.ts";
import { type NetworkServer, type Team, type TeamOptions, team } from "../../support/network-server.ts";
import { openRaw, sendRaw, statusesOf } from "../../support/raw-http.ts";

const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

/** A server, and whether anything of what it was sent has reached Nomad. */
async function attacked(options?: TeamOptions, ...argv: readonly string[]): Promise<Team & { server: NetworkServer }> {
  const made = await team(options);
  return { ...made, server: await made.start(...argv) };
}

describe("requests that a proxy could read otherwise", () => {
  const call = JSON.stringify({
    ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
    params: { name: "stop_job", arguments: { job_id: "web", wait_seconds: 0 } },
  });
  /** A request that stops a job, its head as it is given, and another one behind it. */
  const stopping = (key: string | undefined, head: string, body = call) =>
    `POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nAuthorization: Bearer ${key}\r\n${head}\r\n${body}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const length = `Content-Length: ${call.length}\r\n`;
  const host = "Host: localhost\r\n";

  test.each([
    ["a length and chunks", `${host}${length}Transfer-Encoding: chunked\r\n`],
    ["chunks and a length", `${host}Transfer-Encoding: chunked\r\n${length}`],
    ["two lengths", `${host}${length}Content-Length: 4\r\n`],
    ["a length that is none", `${host}Content-Length: +${call.length}\r\n`],
    ["chunks of a kind that is not known", `${host}Transfer-Encoding: xchunked\r\n`],
    ["chunks, said twice", `${host}Transfer-Encoding: chunked, identity\r\n`],
    ["a header that ends with LF alone", `${host}X-More: 1\n${length}`],
    ["a space before the colon", `${host}Content-Length : ${call.length}\r\n`],
    ["a header that goes on in the next line", `${host}X-More: 1\r\n , 2\r\n${length}`],
    ["a NUL in a header", `${host}X-More: \0\r\n${length}`],
    ["no name", length],
    ["two names", `${host}Host: evil.example\r\n${length}`],
    ["two keys", `${host}Authorization: Bearer other\r\n${length}`],
    ["two types", `${host}Content-Type: text/plain\r\n${length}`],
    ["two tokens of Nomad", `${host}X-Nomad-Token: a\r\nX-Nomad-Token: b\r\n${length}`],
    [
      "two protocol versions",
      `${host}MCP-Protocol-Version: 2025-11-25\r\nMcp-Protocol-Version: 2025-06-18\r\n${length}`,
    ],
  ])("%s: refused, and nothing is done", async (_, head) => {
    const { server, keys, demo } = await attacked();
    const received = await sendRaw(server.url, stopping(keys.anna, head));
    expect(statusesOf(received)[0]).toBe(400);
    expect(demo.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("the same request as it should be is carried out", async () => {
    const { server, keys, demo } = await attacked();
    const received = await sendRaw(server.url, stopping(keys.anna, `${host}${length}`));
    expect(statusesOf(received)).toEqual([200, 200]);
    expect(demo.requests.some(({ method }) => method === "DELETE")).toBe(true);
  });

  test.each([
    ["a head of 20 kB", `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-More: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ])("%s is refused, and the log says it", async (_, bytes, status) => {
    const { server } = await attacked();
    for (let time = 0; time < 3; time++) expect(statusesOf(await sendRaw(server.url, bytes))).toEqual([status]);
    expect((await server.rpc("anna", "ping")).status).toBe(200);
    const said = () => server.log.filter((line) => line.startsWith("refused a connection of 127.0.0.1: "));
    await expect
      .poll(said, { timeout: 5_000 })
      .toEqual([expect.stringMatching(`${status}.*\\(3 in 1s, this one last\\)`)]);
  });

  test.each(["http://evil.example/mcp", "//evil.example/mcp", "*"])(
    "the target %s is not taken for /mcp",
    async (target) => {
      const { server, keys, demo } = await attacked();
      const bytes = stopping(keys.anna, `${host}${length}Connection: close\r\n`).replace("POST /mcp", `POST ${target}`);
      const [status] = statusesOf(await sendRaw(server.url, bytes));
      expect([400, 403, 404]).toContain(status);
      expect(demo.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    },
  );
});

describe("what other web pages have a browser send", () => {
  const forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];
  const paths = ["/mcp", "/mcp/sse", "/api/claude/jobs", "/api/v1/tools/stop_job"];
  const allowing = (response: Response) => [...response.headers.keys()].filter((name) => /^access-control/.test(name));

  test.each(paths)("%s: no script of theirs, no form, no preflight", async (path) => {
    const { server, demo } = await attacked();
    const body = JSON.stringify({ job_id: "web", action: "stop" });
    for (const origin of ["http://evil.example", "null", "http://localhost:1"]) {
      const asked = await server.ask(path, { who: "anna", method: "POST", headers: { ...json, origin }, body });
      expect([asked.status, allowing(asked)]).toEqual([403, []]);
      const headers = {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      };
      const preflight = await server.ask(path, { method: "OPTIONS", headers });
      expect([preflight.status, allowing(preflight)]).toEqual([403, []]);
    }
    for (const type of forms) {
      const asked = await server.ask(path, {
        who: "anna",
        method: "POST",
        headers: { ...json, "content-type": type },
        body,
      });
      expect([type, asked.status, allowing(asked)]).toEqual([type, 415, []]);
    }
    expect(demo.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("a page that is listed may, and may not send the cookies that it has", async () => {
    const { server } = await attacked({}, "--allowed-origins=https://page.example");
    const origin = "https://page.example";
    const asking = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    const preflight = await server.ask("/mcp", { method: "OPTIONS", headers: asking });
    expect(preflight.status).toBe(204);
    const asked = await server.ask("/mcp", { who: "anna", method: "POST", headers: { ...json, origin }, body: ping });
    for (const { headers } of [preflight, asked]) {
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      expect(headers.get("vary")?.toLowerCase()).toContain("origin");
    }
    // A refusal can be read by the page, too: it says what to do.
    const refused = await server.ask("/mcp", { method: "POST", headers: { ...json, origin }, body: ping });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
  });
});

describe("bodies", () => {
  const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;
  const targets = ["/mcp", "/api/v1/tools/list_nomad_jobs"];

  test.each(targets)("%s: what would take long to parse is refused before it is parsed", async (path) => {
    const { server } = await attacked();
    const post = async (body: string) => {
      const response = await server.ask(path, { who: "anna", method: "POST", headers: json, body });
      return [response.status, await response.text()];
    };
    const deep = [400, expect.stringContaining("The body is nested more than 64 levels deep.")];
    for (const body of [nested(66), "[".repeat(1_800_000), nested(400_000)]) expect(await post(body)).toEqual(deep);
    const wide = [400, expect.stringContaining("The body holds more than 20000 values.")];
    expect(await post(`{${'"a":0,'.repeat(250_000)}"b":0}`)).toEqual(wide);
    expect(await post(`[${"[],".repeat(500_000)}[]]`)).toEqual(wide);
    // Brackets in a text are none: 64 levels, and a text of brackets, are read.
    for (const body of [nested(64), JSON.stringify(`\\"${"[".repeat(100_000)}`)]) {
      expect((await post(body))[1]).not.toMatch(/nested|20000/);
    }
  });

  test.each(targets)("%s: what is not UTF-8 is told to be none, and not read as something else", async (path) => {
    const { server } = await attacked();
    for (const bytes of [
      [0x7b, 0xff, 0x7d],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x7b, 0x22, 0xc3],
      [0xff, 0xfe, 0x7b, 0x00],
    ]) {
      const body = Uint8Array.from(bytes);
      const response = await server.ask(path, { who: "anna", method: "POST", headers: json, body });
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("not UTF-8")]);
    }
  });

  test.each(targets)("%s: whatever it is sent, it says what is wrong, and lives", async (path) => {
    const { server } = await attacked();
    const whole = JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: { name: "get_job_status", arguments: { job_id: "web" } },
    });
    const cut = fc.nat(whole.length).map((end) => whole.slice(0, end));
    const changed = fc
      .tuple(fc.nat(whole.length), fc.string({ unit: "binary", maxLength: 4 }))
      .map(([at, text]) => whole.slice(0, at) + text + whole.slice(at + 1));
    const bodies = fc.oneof(
      cut,
      changed,
      fc.json(),
      fc.constantFrom("", "null", "0", '"', "[]", "{}", '{"jsonrpc":"2.0"}'),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(bodies, fc.uint8Array({ maxLength: 60 })), async (body) => {
        const response = await server.ask(path, { who: "anna", method: "POST", headers: json, body });
        await response.text();
        expect([200, 202, 400, 422]).toContain(response.status);
      }),
      runs(150),
    );
    expect(server.log.filter((line) => /mistake|Error:/.test(line))).toEqual([]);
    await expect.poll(() => server.serving.limits.underWay).toBe(0);
  });

  test("that end in the middle leave nothing behind", async () => {
    const { server, keys } = await attacked({}, "--max-calls=8");
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer ${keys.anna}\r\n`;
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = sockets();
    for (let round = 0; round < 25; round++) {
      const begun = await Promise.all(Array.from({ length: 8 }, () => openRaw(server.url)));
      for (const [index, { socket }] of begun.entries()) {
        socket.write(
          `${head}${index % 2 ? "Content-Length: 1000\r\n\r\n{" : 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a"'}`,
        );
      }
      // Its place is taken as long as the body may still come.
      await expect.poll(() => server.serving.limits.underWay).toBe(8);
      for (const { socket } of begun) socket.destroy();
      await expect.poll(() => server.serving.limits.underWay).toBe(0);
    }
    await expect.poll(sockets).toBeLessThanOrEqual(before);
    expect((await server.rpc("anna", "ping")).status).toBe(200);
    expect(server.log.filter((line) => /mistake|Error/.test(line))).toEqual([]);
  });
});
