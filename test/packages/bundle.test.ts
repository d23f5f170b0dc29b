import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { getMcpConfigForManifest, type McpbManifestAny } from "@anthropic-ai/mcpb";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { healthy, text } from "../faults/support.ts";
import { startMcpServer } from "../support/mcp-server.ts";
import { Program, startServer } from "../support/program.ts";

// nomad-mcp.mcpb, as `npm run bundle` makes it of the built program: packed and unpacked by the official CLI, and started as Claude
// Desktop does: with the command and environment that its own library makes of the manifest, and nothing else.

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "bundle-"));
const unpacked = join(folder, "unpacked");
let manifest: McpbManifestAny;

beforeAll(() => {
  const bundle = join(folder, "nomad-mcp.mcpb");
  run("scripts/bundle.mjs", bundle);
  run("node_modules/@anthropic-ai/mcpb/dist/cli/cli.js", "unpack", bundle, unpacked);
  manifest = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, ...words: string[]): string {
  return execFileSync(process.execPath, [join(root, script), ...words], { encoding: "utf8", stdio: "pipe" });
}

/** The bundle started with what somebody filled in. */
async function started(userConfig: Record<string, string | boolean>): Promise<Program> {
  const config = await getMcpConfigForManifest({
    ...{ manifest, extensionPath: unpacked, systemDirs: {}, pathSeparator: sep },
    userConfig,
  });
  if (config === undefined) throw new Error("nothing to start");
  // Claude Desktop runs it in a Node of its own, whatever `node` is on the machine (docs/facts/mcp.md §8).
  expect(config.command).toBe("node");
  const program = new Program(config.args, config.env, [process.execPath]);
  onTestFinished(async () => {
    program.child.kill("SIGKILL");
    await program.end();
  });
  return program;
}

test("the bundle holds the program of this build and nothing of this machine", () => {
  expect(readdirSync(unpacked).sort()).toEqual(["LICENSE", "icon.png", "manifest.json", "server"]);
  const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  for (const name of ["nomad-mcp.js", "package.json", "THIRD-PARTY-LICENSES.txt"])
    expect(digest(join(unpacked, "server", name)), name).toBe(digest(join(root, "dist", name)));
  expect(readdirSync(join(unpacked, "server")).sort()).toEqual([
    ...["THIRD-PARTY-LICENSES.txt", "nomad-mcp.js", "package.json", "parts"],
  ]);
  // A square of 512 pixels, as a PNG.
  const icon = readFileSync(join(unpacked, "icon.png"));
  expect([icon.toString("latin1", 1, 4), icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual(["PNG", 512, 512]);
});

test("its fields are those of the settings, each with a default, and what is secret is sensitive", () => {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ manifest_version: "0.3", version, server: { type: "node" } });
  const fields = Object.entries(manifest.user_config ?? {});
  expect(fields.filter(([, field]) => field.default !== "" && field.default !== false)).toEqual([]);
  expect(fields.map(([key, { type, sensitive }]) => `${key} ${type}${sensitive ? " sensitive" : ""}`)).toEqual([
    ...["address string", "token string sensitive", "namespace string"],
    ...["ca_cert file", "client_cert file", "client_key file"],
    ...["read_only boolean", "server string", "key string sensitive", "server_ca file"],
  ]);
  const env = manifest.server?.mcp_config?.env ?? {};
  expect(Object.values(env)).toEqual(fields.map(([key]) => `\${user_config.${key}}`));
});

test("with all left blank it starts, and offers what its manifest lists", async () => {
  const program = await started({});
  await program.initialize();
  const { result: listed } = await program.answer(program.send("tools/list"));
  expect(manifest.tools?.length).toBeGreaterThan(20);
  expect(listed?.tools?.map(({ name }) => name)).toEqual(manifest.tools?.map(({ name }) => name));
  const { result } = await program.answer(program.send("prompts/list"));
  const { prompts }: { prompts: { name: string }[] } = Object(result);
  expect(prompts.map(({ name }) => name)).toEqual(manifest.prompts?.map(({ name }) => name));
  await program.until(() => program.stderr.includes("ready:"), "the line that it is ready");
  expect(program.stderr).toMatch(/^nomad-mcp: \S+ ready: http:\/\/127\.0\.0\.1:4646, .*\n$/);
});

test("what is filled in is heeded: address, token, namespace, read-only", async () => {
  const nomad = await startServer(healthy("web", text(404, "not found"), () => false));
  onTestFinished(() => nomad.stop());
  const program = await started({ address: nomad.address, token: "s3cr3t", namespace: "shop", read_only: true });
  await program.initialize();
  const { result } = await program.answer(program.call("get_job_status", { job_id: "web" }));
  expect(result?.isError).not.toBe(true);
  expect(new Set(nomad.received.map(({ headers }) => headers["x-nomad-token"]))).toEqual(new Set(["s3cr3t"]));
  expect(result?.content?.[0]?.text).toContain("not in shop");
  const { result: refused } = await program.answer(program.call("stop_job", { job_id: "web" }));
  expect(refused?.isError).toBe(true);
  expect(nomad.received.filter(({ method }) => method !== "GET")).toEqual([]);
});

test("with the address of a team's server and a key it is a bridge to that", async () => {
  const server = await startMcpServer();
  onTestFinished(() => server.stop());
  const program = await started({ server: server.url, key: "nmcp_0123456789" });
  await program.initialize();
  await program.answer(program.call("echo", { text: "x" }));
  expect(server.calls).toMatchObject([{ name: "echo", key: "nmcp_0123456789" }]);
});
