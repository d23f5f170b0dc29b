import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingsTable, tomlKey } from "../src/settings/table.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const readme = read("README.md");
const guide = read("CONTRIBUTING.md");
const both = `${readme}\n${guide}`;

/** What the built program prints, whatever is set on this machine. */
function printed(...words: string[]): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NOMAD_|HOME$|XDG_|APPDATA$)/.test(name)),
  );
  return execFileSync(process.execPath, [join(root, "dist/nomad-mcp.js"), ...words], { env, encoding: "utf8" });
}

/** The first group of every match. */
function found(pattern: RegExp, text: string): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, group = ""]) => group))];
}

interface Offered {
  readonly name: string;
  readonly inputSchema: { readonly properties: Record<string, object> };
}

const { tools }: { tools: Offered[] } = JSON.parse(printed("tools", "--json"));
const toolNames = tools.map(({ name }) => name);
const generated = (name: string) => readme.split(`<!-- ${name}:`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";

describe("README", () => {
  // The conversations are held anew for it.
  test("has fresh generated blocks", { timeout: 90_000 }, () => {
    const check = () =>
      execFileSync(process.execPath, [join(root, "scripts/docs.mjs"), "--check"], { encoding: "utf8", stdio: "pipe" });
    expect(check).not.toThrow();
  });

  test("has every tool and every setting", () => {
    expect(found(/^\| `([a-z_]+)`/gm, generated("tools")).sort()).toEqual([...toolNames].sort());
    const settings = generated("settings");
    expect(found(/`--([a-z-]+)/g, settings)).toEqual(settingsTable.map(({ flag }) => flag));
    expect(found(/^\| `([A-Z_]+)`/gm, settings)).toEqual(settingsTable.flatMap(({ env }) => env ?? []));
  });

  test("names only tools, arguments and variables that there are", () => {
    const known = [
      ...toolNames,
      ...tools.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties)),
      ...settingsTable.flatMap((setting) => tomlKey(setting) ?? []),
    ];
    const spoken = readme.replace(generated("tools"), "").replace(generated("settings"), "");
    for (const name of found(/`([a-z]+(?:_[a-z]+)+)`/g, spoken)) expect([...known, "mock_driver"]).toContain(name);
    for (const name of found(/\.sh call ([a-z_]+)/g, spoken)) expect(toolNames).toContain(name);
    const variables = [...settingsTable.map(({ env }) => env), "NOMAD_MCP_NODE"];
    for (const name of found(/\b(NOMAD_[A-Z_]*[A-Z])\b/g, spoken)) expect(variables).toContain(name);
  });

  test("quotes messages that the program has", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const sources = [...files.map((file) => join("src", file)), "bin/run-mcp-server.sh", "scripts/entry.cjs"];
    const text = sources.map((file) => read(file)).join("\n");
    const messages = found(/^\| `([^`]+)` \| .* \| .* \|$/gm, readme.split("## Troubleshooting")[1] ?? "");
    expect(messages.length).toBeGreaterThan(10);
    expect(messages.filter((message) => !text.includes(message))).toEqual([]);
  });

  test("has configurations that are JSON and set what can be set", () => {
    const texts = [...found(/```json\n(.*?)```/gs, readme), read("claude_desktop_config.example.json")];
    expect(texts).toHaveLength(3);
    for (const text of texts) {
      const { mcpServers }: { mcpServers: Record<string, { command: string; env?: object }> } = JSON.parse(text);
      for (const { command, env = {} } of Object.values(mcpServers)) {
        expect(command).toMatch(/^(\/|[A-Z]:\\)/);
        expect(settingsTable.map((setting) => setting.env)).toEqual(expect.arrayContaining(Object.keys(env)));
      }
    }
  });
});

test("README and CONTRIBUTING link to files, name scripts and commands that exist", () => {
  const links = found(/\]\((?!https?:|#)([^)#]+)/g, both);
  const paths = found(/^((?:bin|src|scripts|test)\/[\w./-]*)/gm, guide);
  expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([]);

  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  for (const name of found(/npm run ([a-z]+)/g, both)) expect(Object.keys(scripts)).toContain(name);

  const headings = found(/^#+ (.+)$/gm, readme).map((heading) => heading.toLowerCase().replaceAll(" ", "-"));
  for (const anchor of found(/\]\(#([^)]+)\)/g, readme)) expect(headings).toContain(anchor);

  const help = printed("--help");
  const commands = found(/(?:run-mcp-server\.sh|nomad-mcp\.js|npx -y [^ ]+) (-?-?[a-z][a-z-]*)/g, both);
  expect(commands.length).toBeGreaterThan(3);
  for (const word of commands.filter((each) => each !== "--help")) expect(help).toContain(word);
});
