import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, type TestContext, test } from "vitest";
import { fetched } from "../support/fetched.ts";
import { packed } from "../support/packed.ts";
import { run } from "../support/program.ts";

// Claude Code itself, for a user with an empty home, reads what is made for it: the plugin as the package has it, and the entry that
// `nomad-mcp setup` makes. It asks no model and nobody is signed in.

const folder = mkdtempSync(join(tmpdir(), "claude-code-"));
const root = join(import.meta.dirname, "../..");
const unpacked = join(folder, "package");
/** The program as it is once the package is installed. */
const installed = [process.execPath, join(unpacked, "dist/nomad-mcp.js")] as const;
let bin: string | undefined;
let home: string;
let homes = 0;

beforeAll(() => {
  const found = fetched("@anthropic-ai/claude-code", "2.1.329");
  bin = found && join(found, "../../.bin/claude");
  execFileSync("tar", ["-xzf", packed(folder), "-C", folder]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(({ skip }: TestContext) => {
  skip(bin === undefined, "npm cannot get Claude Code here");
  home = join(folder, `home-${++homes}`);
  mkdirSync(home);
});

function environment(): Record<string, string> {
  const PATH = process.env.PATH ?? "";
  return { PATH, HOME: home, NOMAD_ADDR: "http://127.0.0.1:9", DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1" };
}

function claude(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(bin ?? "", words, { cwd: home, env: environment(), encoding: "utf8" });
  expect({ words, status, stdout, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

test("the plugin and the marketplace are valid, strictly", () => {
  expect(claude("plugin", "validate", "--strict", join(unpacked, ".claude-plugin/plugin.json"))).toContain("passed");
  expect(claude("plugin", "validate", "--strict", join(root, ".claude-plugin/marketplace.json"))).toContain("passed");
});

test("the plugin is installed: commands and skill are there, and its server is connected", { timeout: 120_000 }, () => {
  const market = join(home, "market/.claude-plugin");
  mkdirSync(market, { recursive: true });
  // The package is not published here, so the marketplace has it as a folder.
  execFileSync("cp", ["-R", unpacked, join(home, "market/package")]);
  const plugins = [{ name: "nomad", description: "x", source: "./package" }];
  writeFileSync(join(market, "marketplace.json"), JSON.stringify({ name: "local", owner: { name: "x" }, plugins }));
  claude("plugin", "marketplace", "add", join(home, "market"));
  claude("plugin", "install", "nomad@local");
  const details = claude("plugin", "details", "nomad");
  for (const name of ["diagnose-job", "cluster-health", "review-job-file", "deploy", "operate-nomad"])
    expect(details).toContain(name);
  expect(claude("mcp", "list")).toMatch(/plugin:nomad:nomad: node .*nomad-mcp\.js - .*Connected/);
});

test("the line that setup prints adds a server that is connected", { timeout: 60_000 }, async () => {
  const { stderr } = await run(["setup", "claude-code", "--demo", "--name", "demo"], environment(), "", installed);
  const [, line = ""] = /or run claude (mcp add-json .*)$/m.exec(stderr) ?? [];
  execFileSync("sh", ["-c", `"$0" ${line}`, bin ?? ""], { cwd: home, env: environment() });
  expect(claude("mcp", "get", "demo")).toMatch(/Scope: User config.*Status: .*Connected/s);
});

test("what setup --write puts into its file is read", { timeout: 60_000 }, async () => {
  claude("mcp", "list");
  const written = await run(["setup", "claude-code", "--demo", "--write"], environment(), "", installed);
  expect(written).toMatchObject({ code: 0 });
  expect(claude("mcp", "get", "nomad")).toMatch(/Scope: User config.*Status: .*Connected/s);
});
