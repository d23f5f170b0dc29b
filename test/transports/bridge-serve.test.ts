import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeAuthority, makeFolder } from "../support/authority.ts";
import { type Message, Program, run } from "../support/program.ts";

// `nomad-mcp bridge` and `check` before `nomad-mcp serve`: both ends are the built program.

let folder: ReturnType<typeof makeFolder>;
let running: Program[];
beforeEach(() => {
  folder = makeFolder();
  running = [];
});
afterEach(async () => {
  for (const program of running) {
    program.child.kill("SIGKILL");
    await program.end();
  }
  folder.remove();
});

const at = (name: string) => join(folder.path, name);

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const program = new Program(args, env);
  running.push(program);
  return program;
}

/** A key for somebody, and the tables of those who have one. */
async function newKey(name: string, role: string): Promise<{ key: string; table: string }> {
  const { stdout } = await run(["key", "new", name, role]);
  const [key = ""] = stdout.split("\n", 1);
  return { key, table: stdout.slice(stdout.indexOf("[keys.")) };
}

/** The server, on the demo cluster, once it listens; its address. */
async function serving(
  listen = "localhost:0",
  more: readonly string[] = [],
): Promise<{ program: Program; url: string }> {
  const files = ["--tls-cert", at("cert.pem"), "--tls-key", at("cert-key.pem"), "--keys-file", at("keys.toml")];
  const program = start(["serve", "--demo", "--config", at("config.toml"), "--listen", listen, ...files, ...more]);
  await program.until(() => program.stderr.includes("listening on "), "the line that it listens");
  const [, url = ""] = /MCP at (\S+?),/.exec(program.stderr) ?? [];
  return { program, url };
}

async function prepare(): Promise<{ ca: Awaited<ReturnType<typeof makeAuthority>>; viewer: string; ops: string }> {
  const ca = await makeAuthority("Team CA");
  folder.write("ca.pem", ca.cert);
  putCertificate(await ca.issue("localhost"));
  folder.write("config.toml", '[roles.viewer]\nread_only = true\ntoolsets = ["jobs"]\n[roles.ops]\n');
  const [viewer, ops] = await Promise.all([newKey("vera", "viewer"), newKey("otto", "ops")]);
  folder.write("keys.toml", `${viewer.table}\n\n${ops.table}\n`);
  folder.write("vera", `${viewer.key}\n`);
  return { ca, viewer: viewer.key, ops: ops.key };
}

function putCertificate({ cert, key }: { readonly cert: string; readonly key: string }): void {
  folder.write("cert.pem", cert);
  folder.write("cert-key.pem", key);
}

const env = () => ({ NOMAD_MCP_SERVER_CA: at("ca.pem"), NOMAD_MCP_KEY_FILE: at("vera") });
const textOf = ({ result }: Message) => result?.content?.map(({ text }) => text).join("\n");

test("a session through the bridge is that of the key's role", async () => {
  const { viewer } = await prepare();
  const { url } = await serving();
  const bridge = start(["bridge", url], env());
  expect((await bridge.initialize()).result).toMatchObject({ serverInfo: { name: "nomad-mcp" } });
  const { result } = await bridge.answer(bridge.send("tools/list"));
  expect(result?.tools?.map(({ name }) => name)).toContain("get_job_status");
  expect(result?.tools?.map(({ name }) => name)).not.toContain("stop_job");
  const listed = await bridge.answer(bridge.call("list_nomad_jobs"));
  expect(textOf(listed)).toMatch(/^\d+ jobs in namespace default$/m);
  const hidden = await bridge.answer(bridge.call("stop_job", { job_id: "web" }));
  expect(hidden.result?.isError).toBe(true);
  expect(textOf(hidden)).toContain("your role viewer does not have it");
  expect(bridge.output).not.toContain(viewer);
});

test("check tells who the key is, and what is wrong with one that was taken back", async () => {
  await prepare();
  const { program, url } = await serving();
  const checked = async () => {
    const { code, stdout } = await run(["check", url], env());
    const plain = stdout.replaceAll(/localhost:\d+/g, "localhost:8000").replaceAll(folder.path, "/etc/nomad-mcp");
    return `${plain.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME").replaceAll(/(nomad-mcp) \d[\d.]*\d/g, "$1 VERSION")}\nexit status ${code}`;
  };
  expect(await checked()).toMatchInlineSnapshot(`
    "https://localhost:8000/mcp: works
      with: key from /etc/nomad-mcp/vera (NOMAD_MCP_KEY_FILE), CA /etc/nomad-mcp/ca.pem (NOMAD_MCP_SERVER_CA)
      TLS: the server's certificate is CN=localhost, issued by CN=Team CA, valid for 23h, until TIME
      TLS: CA CN=Team CA, valid for 29d, until TIME (/etc/nomad-mcp/ca.pem)
      ready: yes
      caller: vera (key)
      role: viewer, read-only, 7 tools
      server: nomad-mcp VERSION, protocol revisions 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05 and 2024-10-07
      tools: 7
    exit status 0"
  `);
  folder.write("keys.toml", (await newKey("otto", "ops")).table);
  // The server looks at its keys once a second at most.
  await vi.waitFor(async () => expect(await checked()).toContain("FAILED"), 10_000);
  expect(await checked()).toMatchInlineSnapshot(`
    "https://localhost:8000/mcp: cannot be worked with
      with: key from /etc/nomad-mcp/vera (NOMAD_MCP_KEY_FILE), CA /etc/nomad-mcp/ca.pem (NOMAD_MCP_SERVER_CA)
      TLS: the server's certificate is CN=localhost, issued by CN=Team CA, valid for 23h, until TIME
      TLS: CA CN=Team CA, valid for 29d, until TIME (/etc/nomad-mcp/ca.pem)
      ready: yes
      FAILED: The server refuses the key in /etc/nomad-mcp/vera (NOMAD_MCP_KEY_FILE) (401): The key is unknown, was taken back or has expired: ask whoever runs this server for another one.
    exit status 1"
  `);
  program.child.kill("SIGTERM");
  await program.end();
  expect(await checked()).toMatch(/FAILED: Nothing answers at https:\/\/localhost:8000/);
});

test("what the host cancels ends on the server, and a server that ends answers what waits first", async () => {
  await prepare();
  const { program, url } = await serving(undefined, ["--audit", "all", "--audit-log", "-"]);
  /** The calls of which the audit log has such a line, and by which host. */
  const traces = (phase: string) =>
    program.lines.map((line) => JSON.parse(line)).filter((entry) => entry.phase === phase);
  const bridge = start(["bridge", url], env());
  await bridge.initialize();
  const follow = { job_id: "web", follow_seconds: 30 };
  const [cancelled, waiting] = [bridge.call("get_job_logs", follow), bridge.call("get_job_logs", follow)];
  await program.until(() => traces("intent").length === 2, "the lines of two calls");
  expect(traces("intent")).toMatchObject(Array(2).fill({ principal: "vera", host: { name: "test", version: "0" } }));
  bridge.notify("notifications/cancelled", { requestId: cancelled });
  await program.until(() => traces("outcome").length === 1, "the line of the call that ended");
  program.child.kill("SIGTERM");
  expect(textOf(await bridge.answer(waiting))).toContain("task nginx of web");
  expect((await program.end()).took).toBeLessThan(10_000);
  expect(bridge.messages.map(({ id }) => id)).not.toContain(cancelled);
});

test("the server is replaced, and its certificate renewed by another CA: the bridge goes on", async () => {
  await prepare();
  const first = await serving();
  const bridge = start(["bridge", first.url], env());
  await bridge.initialize();
  expect((await bridge.answer(bridge.call("list_nomad_jobs"))).result?.isError).not.toBe(true);
  first.program.child.kill("SIGTERM");
  await first.program.end();
  expect((await bridge.answer(bridge.call("list_nomad_jobs"))).error?.message).toMatch(/^Nothing answers at /);
  const next = await makeAuthority("The next CA");
  putCertificate(await next.issue("localhost"));
  await serving(new URL(first.url).host);
  expect((await bridge.answer(bridge.call("list_nomad_jobs"))).error?.message).toMatch(/^TLS to .* failed: /);
  folder.replace("ca.pem", next.cert);
  expect((await bridge.answer(bridge.call("list_nomad_jobs"))).result?.isError).not.toBe(true);
});
