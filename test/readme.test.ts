import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingsTable, tomlKey } from "../src/settings/table.ts";
import { testFolder } from "./support/folders.ts";
import { linksOf } from "./support/papers.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const readme = read("README.md");
const guide = read("CONTRIBUTING.md");
const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const deployed = readdirSync(join(root, "deploy"))
  .map((name) => read(`deploy/${name}`))
  .join("\n");
/** What an operator reads, by path. */
const operators = papersAt("README.md", ...guides.map((name) => `docs/${name}`));
const operatorsText = Object.values(operators).join("\n");
const papers = { ...operators, ...papersAt("SECURITY.md", "CONTRIBUTING.md") };
const all = Object.values(papers).join("\n");

function papersAt(...paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, read(path)]));
}

/** A server as the configuration of a host has it: what is started, or where it is. */
interface Configured {
  readonly command?: string;
  readonly url?: string;
  readonly env?: object;
}

/** A settings file with a library, so that its tools are among those that are offered. */
function libraryConfig(): string {
  const path = join(testFolder("readme"), "config.toml");
  writeFileSync(path, `[library]\nfolders = [${JSON.stringify(join(root, "test/job-files"))}]\n`);
  return path;
}

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

const { tools }: { tools: Offered[] } = JSON.parse(
  printed("tools", "--json", "--toolsets", "all", "--config", libraryConfig()),
);
const toolNames = tools.map(({ name }) => name);
/** The generated block of that name, in whichever paper it stands. */
const generated = (name: string) => operatorsText.split(`<!-- ${name}:`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";

describe("the papers of an operator", () => {
  test("begin with a README that is read in one go", () => {
    expect(readme.split("\n").length - 1).toBeLessThanOrEqual(250);
  });

  // The conversations are held anew for it.
  test("have fresh generated blocks", { timeout: 90_000 }, () => {
    const check = () =>
      execFileSync(process.execPath, [join(root, "scripts/docs.mjs"), "--check"], { encoding: "utf8", stdio: "pipe" });
    expect(check).not.toThrow();
  });

  test("have every tool and every setting", () => {
    for (const name of ["tools", "needs"])
      expect(found(/^\| `([a-z_]+)`/gm, generated(name)).sort()).toEqual([...toolNames].sort());
    expect(found(/`([a-z]+(?:_[a-z]+)+)`/g, generated("toolsets")).sort()).toEqual([...toolNames].sort());
    const settings = generated("settings");
    expect(found(/`--([a-z-]+)/g, settings)).toEqual(
      settingsTable.filter(({ noFlag }) => !noFlag).map(({ flag }) => flag),
    );
    expect(found(/^\| `([A-Z_]+)`/gm, settings)).toEqual(settingsTable.flatMap(({ env }) => env ?? []));
  });

  test("name only tools, arguments and variables that there are", () => {
    const known = [
      ...toolNames,
      ...tools.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties)),
      ...settingsTable.flatMap((setting) => tomlKey(setting) ?? []),
      // What is counted and written down, and by which words.
      ...found(
        /\b([a-z]+(?:_[a-z]+)+)\b/g,
        ["metrics.ts", "api/errors/errors.ts", "mcp/audit.ts"].map((file) => read(`src/${file}`)).join(" "),
      ),
      // What roles may say.
      ...found(/^ {2}([a-z]+(?:_[a-z]+)+):/gm, read("src/access/roles.ts")),
      // What the guide says of the job files.
      ...found(/\b([a-z]+(?:_[a-z]+)+)\b/g, deployed),
    ];
    const spoken = operatorsText.replace(generated("tools"), "").replace(generated("settings"), "");
    for (const name of found(/`([a-z]+(?:_[a-z]+)+)`/g, spoken)) expect(known).toContain(name);
    for (const name of found(/\.sh call ([a-z_]+)/g, spoken)) expect(toolNames).toContain(name);
    const variables = [...settingsTable.map(({ env }) => env), "NOMAD_MCP_NODE"];
    for (const name of found(/\b(NOMAD_[A-Z_]*[A-Z])\b/g, spoken)) expect(variables).toContain(name);
  });

  test("quote messages that the program has", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const sources = [...files.map((file) => join("src", file)), "bin/run-mcp-server.sh", "scripts/entry.cjs"];
    const text = sources.map((file) => read(file)).join("\n");
    const messages = found(/^\| `([^`]+)` \| .* \| .* \|$/gm, read("docs/troubleshooting.md"));
    expect(messages.length).toBeGreaterThan(10);
    expect(messages.filter((message) => !text.includes(message))).toEqual([]);
  });

  test("have configurations that are JSON and set what can be set", () => {
    const texts = [...found(/```json\n(.*?)```/gs, all), read("claude_desktop_config.example.json")];
    expect(texts).toHaveLength(10);
    // What other programs read, too.
    const variables = [...settingsTable.map(({ env }) => env), "AUTHORIZATION", "HTTPS_PROXY"];
    for (const text of texts) {
      const { mcpServers, servers = mcpServers }: Record<string, Record<string, Configured>> = JSON.parse(text);
      for (const { command, url, env = {} } of Object.values(servers ?? {})) {
        expect(command ?? url).toMatch(/^(\/|[A-Z]:\\|https:\/\/.*\/mcp$)/);
        expect(variables).toEqual(expect.arrayContaining(Object.keys(env)));
      }
    }
  });
});

test("the papers link to files and headings, name scripts and commands that exist", () => {
  const links = Object.entries(papers).flatMap(([path, text]) => linksOf(path, text));
  expect(links.length).toBeGreaterThan(10);
  const paths = found(/^((?:bin|src|scripts|test)\/[\w./-]*)/gm, guide);
  expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([]);

  const anchors = Object.entries(papers).flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(([, file = "", anchor = ""]) => ({
      headings: headings(file === "" ? text : read(join(dirname(path), file))),
      anchor,
    })),
  );
  for (const { headings, anchor } of anchors) expect(headings).toContain(anchor);

  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  for (const name of found(/npm run ([a-z]+(?::[a-z]+)?)/g, all)) expect(Object.keys(scripts)).toContain(name);

  const help = printed("--help");
  const commands = found(/(?:run-mcp-server\.sh|nomad-mcp\.js|npx -y [^ ]+|`nomad-mcp) (-?-?[a-z][a-z-]*)/g, all);
  expect(commands.length).toBeGreaterThan(3);
  const known = new Set([
    "--help",
    "--version",
    ...found(/nomad-mcp ([a-z]+)/g, help),
    ...found(/ (--[a-z-]+)/g, help),
  ]);
  expect(commands.filter((word) => !known.has(word))).toEqual([]);
});

/** The anchors that GitHub gives the headings of a text. */
function headings(text: string): string[] {
  const words = found(/^#+ (.+)$/gm, text.replaceAll(/^```.*?^```/gms, ""));
  return words.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
