// Makes the bundle that Claude Desktop installs with one click, of the program in dist/: its manifest with the tools and prompts
// as the built server offers them, validated and packed by the official CLI.
//
//   node scripts/bundle.mjs [FILE]      nomad-mcp.mcpb where no file is named

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { fromSource, root } from "./from-source.mjs";

const [file = join(root, "nomad-mcp.mcpb")] = process.argv.slice(2);
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { mcpbManifest } = await fromSource({ "scripts/packages/mcpb.ts": ["mcpbManifest"] });

const folder = mkdtempSync(join(tmpdir(), "nomad-mcp-bundle-"));
try {
  mkdirSync(join(folder, "server"));
  // Names with a dot are this machine's own.
  const filter = (path) => !basename(path).startsWith(".");
  cpSync(join(root, "dist"), join(folder, "server"), { recursive: true, filter });
  copyFileSync(join(root, "assets/icon.png"), join(folder, "icon.png"));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const manifest = join(folder, "manifest.json");
  writeFileSync(manifest, `${JSON.stringify(await mcpbManifest(about, await offer()), null, 2)}\n`);
  mcpb("validate", manifest);
  mcpb("pack", folder, resolve(file));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stderr.write(`${file} ${about.version}\n`);

/** What the built server offers where nothing is set. */
async function offer() {
  const client = new Client({ name: "bundle", version: about.version });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(folder, "server/nomad-mcp.js")],
      env: { NOMAD_ADDR: "http://127.0.0.1:4646" },
      stderr: "ignore",
    }),
  );
  const [{ tools }, { prompts }] = [await client.listTools(), await client.listPrompts()];
  await client.close();
  rmSync(join(folder, "server/.cache"), { recursive: true, force: true });
  return { tools, prompts };
}

/** The official CLI. It tells what is wrong on stdout. */
function mcpb(...words) {
  const cli = join(root, "node_modules/@anthropic-ai/mcpb/dist/cli/cli.js");
  try {
    execFileSync(process.execPath, [cli, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    process.stderr.write(`mcpb ${words[0]}: ${error.stdout}${error.stderr}\n`);
    process.exit(1);
  }
}
