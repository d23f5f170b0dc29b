import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Authority, makeAuthority, makeFolder } from "../support/authority.ts";
import { type McpServer, startMcpServer } from "../support/mcp-server.ts";
import { type Message, Program } from "../support/program.ts";

// What changes while `nomad-mcp bridge` runs: the server, its certificate, the CA, the key.

const keys = ["nmcp_first", "nmcp_second"] as const;
let folder: ReturnType<typeof makeFolder>;
let ca: Authority;
let server: McpServer | undefined;
let program: Program;
beforeEach(async () => {
  folder = makeFolder();
  ca = await makeAuthority("Team CA");
});
afterEach(async () => {
  program.child.kill("SIGKILL");
  await server?.stop();
  server = undefined;
  folder.remove();
});

/** The server, in place of the one before it at the same port. */
async function replace(options: Parameters<typeof startMcpServer>[0] = {}): Promise<McpServer> {
  const port = server?.port ?? 0;
  await server?.stop();
  server = await startMcpServer({ ...options, port });
  return server;
}

function bridge(url: string, env: Record<string, string> = {}): void {
  program = new Program(["bridge", url], env);
}

const said = ({ result, error }: Message) => error?.message ?? result?.content?.[0]?.text;
const call = async () => said(await program.answer(program.call("echo", { job_id: "web" })));
const worked = '{"job_id":"web"}';

test("the server goes and comes back: calls fail with why, and work again; the log has a line for each", async () => {
  const { url } = await replace();
  bridge(url);
  await program.initialize();
  expect(await call()).toBe(worked);
  await server?.stop();
  expect(await call()).toMatch(/^Nothing answers at /);
  expect(await call()).toMatch(/^Nothing answers at .* The call was not carried out\.$/);
  await replace();
  expect(await call()).toBe(worked);
  await program.until(() => program.stderr.includes("again"), "the line of its return");
  expect(program.stderr.split("\n").map((line) => line.replace(/^nomad-mcp: \S+ bridge: /, ""))).toEqual([
    `ready: ${url}, no key`,
    expect.stringMatching(/^Nothing answers at /),
    `${url} answers again`,
    "",
  ]);
});

test("a host that starts before the server: the session begins with the first request that it answers", async () => {
  const { url } = await replace();
  await server?.stop();
  bridge(url);
  expect((await program.initialize()).error?.message).toMatch(/^Nothing answers at /);
  await replace();
  expect((await program.initialize()).result).toMatchObject({ serverInfo: { name: "nomad-mcp" } });
  expect(await call()).toBe(worked);
});

test("a call that is cut off is not sent again, neither to the same server nor to the next", async () => {
  const { url, calls } = await replace();
  bridge(url);
  await program.initialize();
  const id = program.call("hold");
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  const next = await replace();
  expect(said(await program.answer(id))).toMatch(
    /^The connection to http:.* was lost before the answer was there .* The call may have been carried out and was not sent again: look before you repeat it\.$/,
  );
  expect(await call()).toBe(worked);
  expect(calls.map(({ name }) => name)).toEqual(["hold"]);
  expect(next.calls.map(({ name }) => name)).toEqual(["echo"]);
});

test("a certificate that is renewed, of the same CA: nothing is noticed", async () => {
  const { url } = await replace({ tls: await ca.issue("localhost") });
  bridge(url, { NOMAD_MCP_SERVER_CA: folder.write("ca.pem", ca.cert) });
  await program.initialize();
  expect(await call()).toBe(worked);
  await replace({ tls: await ca.issue("localhost") });
  expect(await call()).toBe(worked);
});

test("a CA file that is replaced is read again; until then calls say what is wrong", async () => {
  const { url } = await replace({ tls: await ca.issue("localhost") });
  bridge(url, { NOMAD_MCP_SERVER_CA: folder.write("ca.pem", ca.cert) });
  await program.initialize();
  expect(await call()).toBe(worked);
  const next = await makeAuthority("The next CA");
  await replace({ tls: await next.issue("localhost") });
  expect(await call()).toMatch(
    /^TLS to https:.* issued by CN=The next CA\) is not signed by a CA in .* not carried out\.$/,
  );
  folder.replace("ca.pem", next.cert);
  expect(await call()).toBe(worked);
  // Half of a file does not take the place of the one in use.
  folder.write("ca.pem", next.cert.slice(0, 200));
  expect(await call()).toBe(worked);
});

test("a key file that is replaced is read again, one that is not there yet as well", async () => {
  let valid: string = keys[0];
  const { url } = await replace({
    gate(request, response) {
      if (request.headers.authorization === `Bearer ${valid}`) return false;
      request.resume();
      response.writeHead(401).end();
      return true;
    },
  });
  const file = join(folder.path, "key");
  bridge(url, { NOMAD_MCP_KEY_FILE: file });
  const missing = `NOMAD_MCP_KEY_FILE: the file ${file} cannot be read (ENOENT).`;
  expect((await program.initialize()).error?.message).toBe(missing);
  folder.write("key", `${keys[0]}\n`);
  await program.initialize();
  expect(await call()).toBe(worked);
  valid = keys[1];
  expect(await call()).toMatch(/^The server refuses the key in .*\(NOMAD_MCP_KEY_FILE\)/);
  folder.replace("key", keys[1]);
  expect(await call()).toBe(worked);
  // What is no key does not take the place of one.
  rmSync(file);
  expect(await call()).toBe(worked);
  expect(program.output).not.toMatch(/nmcp_(first|second)/);
});
