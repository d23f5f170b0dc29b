import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetched } from "../support/fetched.ts";
import { packed, startRegistry } from "../support/packed.ts";

// `npx -y nomad-mcp` in an empty folder, as somebody types it who has nothing but a Node: the package comes from a registry, which
// is this process here, and is started by each Node that it is for.

const pkg: { version: string } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "npx-"));
let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry(packed(folder));
}, 60_000);
afterAll(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The program of npm that runs npx, whichever Node it came with. */
const npx = join(
  execFileSync("npm", ["root", "-g"], { encoding: "utf8", shell: process.platform === "win32" }).trim(),
  "npm/bin/npx-cli.js",
);

/** What the package prints, started by npx, until it ends. This process is its registry meanwhile. */
function npxed(
  [node, npx]: readonly [string, string],
  words: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
  input = "",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(node, [npx, "-y", "nomad-mcp", ...words], options, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}

/** The Nodes, by major version; the oldest is the oldest that package.json takes. */
const nodes = ["20.19.0", "22.23.3", "24.21.0", "26.10.0"];

describe.each(nodes)("Node %s", (version) => {
  test("starts, says its version, and answers a host", { timeout: 180_000 }, async ({ skip }) => {
    const package_ = fetched("node", version);
    if (package_ === undefined) return skip("npm cannot get this Node here");
    const node = join(package_, "bin", process.platform === "win32" ? "node.exe" : "node");
    const empty = join(folder, version);
    mkdirSync(empty);
    const env = {
      ...{ PATH: [dirname(node), process.env.PATH].join(delimiter), HOME: empty, USERPROFILE: empty },
      ...{
        npm_config_registry: registry.url,
        npm_config_cache: join(empty, ".npm"),
        npm_config_update_notifier: "false",
        npm_config_audit: "false",
      },
    };
    expect(await npxed([node, npx], ["--version"], { cwd: empty, env })).toBe(`${pkg.version}\n`);
    const clientInfo = { name: "test", version: "0" };
    const lines = [
      { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } },
      { method: "notifications/initialized" },
      { id: 2, method: "tools/call", params: { name: "get_job_status", arguments: { job_id: "web" } } },
    ].map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const answers = (await npxed([node, npx], ["--demo"], { cwd: empty, env }, lines.join(""))).trim().split("\n");
    const [first, second]: { result: unknown }[] = answers.map((line) => JSON.parse(line));
    expect(first?.result).toMatchObject({ serverInfo: { name: "nomad-mcp", version: pkg.version } });
    expect(JSON.stringify(second?.result)).toContain("web (service, namespace default): running");
    // Nothing but npm's own is left behind in the folder.
    expect(readdirSync(empty)).toEqual([".npm"]);
    expect(registry.asked.filter((path) => !path.startsWith("/nomad-mcp"))).toEqual([]);
  });
});
