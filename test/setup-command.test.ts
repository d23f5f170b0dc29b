import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "./support/authority.ts";
import { Program, program, run } from "./support/program.ts";

// `nomad-mcp setup`, the built program, for a user who has nothing but an empty home.

const token = "8f3a1d52-6f0e-4c0b-9d0e-2b7c55e0a911";
let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

const clone = dirname(dirname(program));
/** With the paths of this test as they are on somebody's machine. */
const plain = (text: string) =>
  text
    .replaceAll(folder.path, "/home/anna")
    .replaceAll(clone, "/srv/nomad-mcp")
    .replaceAll(process.execPath, "/usr/bin/node");

async function setup(words: string[], env: Record<string, string> = {}, of = program) {
  const given = { HOME: folder.path, NOMAD_ADDR: "https://nomad:4646", NOMAD_TOKEN: token, ...env };
  const { code, stdout, stderr } = await run(["setup", ...words], given, "", [process.execPath, of]);
  return { code, stdout: plain(stdout), stderr: plain(stderr) };
}

function hostFile(path: string, text: string): string {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

test("stdout is the configuration alone, without the token; stderr says the rest", async () => {
  const { code, stdout, stderr } = await setup(["claude-code"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    mcpServers: {
      nomad: {
        type: "stdio",
        command: "/srv/nomad-mcp/bin/run-mcp-server.sh",
        env: { NOMAD_ADDR: "https://nomad:4646" },
      },
    },
  });
  expect(stderr).toMatchInlineSnapshot(`
    "nomad-mcp: for /home/anna/.claude.json; the same command with --write puts it there
    nomad-mcp: NOMAD_TOKEN: not written, since Claude Code hands on the variables of the shell that it is started from
    nomad-mcp: or run claude mcp add-json --scope user nomad '{"type":"stdio","command":"/srv/nomad-mcp/bin/run-mcp-server.sh","env":{"NOMAD_ADDR":"https://nomad:4646"}}'
    "
  `);
});

test.each(["claude-desktop", "cursor", "vscode"])("%s: no token anywhere that is not the host's file", async (host) => {
  const { stdout, stderr } = await setup([host, "--name", "prod"]);
  expect(stdout + decodeURIComponent(stderr)).not.toContain(token);
  const link = /config=(\S+)/.exec(stderr)?.[1];
  if (link) expect(Buffer.from(decodeURIComponent(link), "base64").toString()).not.toContain(token);
});

test("--write shows what changes, keeps a copy, and the host can start what stands there then", async () => {
  const before = '{\n  "mcpServers": {\n    "github": { "command": "gh", "env": { "T": "ghp_secret" } }\n  }\n}\n';
  const file = hostFile(".config/Claude/claude_desktop_config.json", before);
  // Installed, not a clone, whose script would build it anew.
  const installed = join(folder.path, "lib/nomad-mcp.js");
  const filter = (path: string) => !path.includes(".cache") && !path.endsWith(".stamp");
  cpSync(dirname(program), dirname(installed), { recursive: true, filter });
  const { code, stdout, stderr } = await setup(["claude-desktop", "--demo", "--write"], {}, installed);
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "--- /home/anna/.config/Claude/claude_desktop_config.json
    +++ /home/anna/.config/Claude/claude_desktop_config.json
    @@ -1,5 +1,16 @@
     {
       "mcpServers": {
    -    "github": { "command": "...", "env": { "T": "..." } }
    +    "github": { "command": "...", "env": { "T": "..." } },
    +    "nomad": {
    +      "command": "/usr/bin/node",
    +      "args": [
    +        "/home/anna/lib/nomad-mcp.js",
    +        "--demo"
    +      ],
    +      "env": {
    +        "NOMAD_ADDR": "https://nomad:4646",
    +        "NOMAD_TOKEN": "..."
    +      }
    +    }
       }
     }"
  `);
  expect(stderr.replaceAll(/\d{4}-\d\d-\d\dT[\d-]+/g, "TIME")).toMatchInlineSnapshot(`
    "nomad-mcp: /home/anna/.config/Claude/claude_desktop_config.json written; what was there is in /home/anna/.config/Claude/claude_desktop_config.json.TIME.bak
    nomad-mcp: NOMAD_TOKEN: not shown here; --write puts it into the file in clear; NOMAD_MCP_TOKEN_FILE would name a file in its place
    nomad-mcp: others on this machine may read it: chmod 600 /home/anna/.config/Claude/claude_desktop_config.json
    nomad-mcp: now quit Claude Desktop and start it again
    "
  `);
  const [copy = ""] = readdirSync(dirname(file)).filter((name) => name.endsWith(".bak"));
  expect(readFileSync(join(dirname(file), copy), "utf8")).toBe(before);
  const { mcpServers } = JSON.parse(readFileSync(file, "utf8"));
  expect(mcpServers.github).toEqual({ command: "gh", env: { T: "ghp_secret" } });
  expect(mcpServers.nomad.env.NOMAD_TOKEN).toBe(token);
  const { command, args, env }: { command: string; args: string[]; env: Record<string, string> } = mcpServers.nomad;
  const started = new Program(args, env, [command]);
  expect((await started.initialize()).result).toMatchObject({ serverInfo: { name: "nomad-mcp" } });
  started.child.stdin.end();
  await started.end();

  const again = await setup(["claude-desktop", "--demo", "--write"], {}, installed);
  expect(again).toMatchObject({ code: 0, stdout: "" });
  expect(again.stderr).toContain("has this already: nothing was changed");
  expect(readdirSync(dirname(file)).filter((name) => name.endsWith(".bak"))).toHaveLength(1);
});

test("a file of its own is for its owner alone, another's mode stays, and a link leads to what is changed", async () => {
  mkdirSync(join(folder.path, ".cursor"));
  expect((await setup(["cursor", "--write"])).code).toBe(0);
  const file = join(folder.path, ".cursor/mcp.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const real = hostFile("dotfiles/mcp.json", "{}");
  mkdirSync(join(folder.path, ".config/Code/User"), { recursive: true });
  symlinkSync(real, join(folder.path, ".config/Code/User/mcp.json"));
  const { stderr } = await setup(["vscode", "--write"]);
  expect(stderr).toContain("/home/anna/dotfiles/mcp.json written");
  expect(JSON.parse(readFileSync(real, "utf8")).servers.nomad.type).toBe("stdio");
  expect(statSync(real).mode & 0o777).toBe(0o644);
});

test.each([
  [[], "setup needs one host: claude-desktop, claude-code, vscode or cursor."],
  [["emacs"], "setup needs one host: claude-desktop, claude-code, vscode or cursor."],
  [["cursor", "--name", "a b"], '--name "a b": letters, digits, dash and underscore, 40 at most.'],
  [
    ["cursor", "--write"],
    "There is no folder /home/anna/.cursor, so nothing was written: is Cursor installed for this user, and was it started once?",
  ],
])("%j: %s", async (words, message) => {
  expect(await setup(words)).toEqual({ code: 1, stdout: "", stderr: `nomad-mcp: ${message}\n` });
  expect(existsSync(join(folder.path, ".cursor"))).toBe(false);
});

test("a file that cannot be read stays as it is, and so does what a bridge could not use", async () => {
  const file = hostFile(".cursor/mcp.json", '{ "mcpServers": {');
  const { code, stderr } = await setup(["cursor", "--write"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `nomad-mcp: /home/anna/.cursor/mcp.json:1: this is no JSON object, so nothing was changed. Correct the file, or move it away.\n`,
  });
  expect(readFileSync(file, "utf8")).toBe('{ "mcpServers": {');
  const { stderr: refused } = await setup(["cursor"], { NOMAD_MCP_SERVER: "http://team.example.com/mcp" });
  expect(refused).toContain("would send the key and every answer in clear");
});
