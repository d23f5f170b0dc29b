import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalog } from "../../src/tools/catalog.data.ts";

// The plugin of Claude Code, as files; test/packages/claude-code.hard.ts has Claude Code itself read it.

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const pkg = JSON.parse(read("package.json"));
const toolNames = catalog.toolsets.flatMap(({ tools }) => tools.map(({ name }) => name));

/** What stands between the dashes at the top. */
function head(text: string): Record<string, string> {
  const [, block = ""] = /^---\n(.*?)\n---\n\n/s.exec(text) ?? [];
  return Object.fromEntries(block.split("\n").map((line) => [line.split(": ", 1)[0], line.replace(/^[\w-]+: /, "")]));
}

test("version and program are those of the package", () => {
  const plugin = JSON.parse(read(".claude-plugin/plugin.json"));
  expect(plugin.version).toBe(pkg.version);
  expect(plugin.mcpServers.nomad).toEqual({
    ...{ command: "node", args: [`\${CLAUDE_PLUGIN_ROOT}/${pkg.bin["nomad-mcp"]}`] },
  });
  const { plugins } = JSON.parse(read(".claude-plugin/marketplace.json"));
  expect(plugins).toMatchObject([
    { name: plugin.name, source: { source: "npm", package: pkg.name, version: pkg.version } },
  ]);
});

test("each prompt is a slash command, which takes what the prompt needs and begins by looking", () => {
  const files = readdirSync(join(root, "plugin/commands"));
  expect(files.sort()).toEqual(catalog.prompts.map(({ name }) => `${name}.md`).sort());
  for (const { name, description, arguments: args } of catalog.prompts) {
    const text = read(`plugin/commands/${name}.md`);
    const needed = args.filter(({ required }) => required).map((argument) => argument.name);
    expect(head(text)).toEqual({ description, ...(needed.length > 0 && { "argument-hint": needed.join(" ") }) });
    expect(text.includes("$ARGUMENTS")).toBe(needed.length > 0);
    const [, first = ""] = /^Make this call first, its answer is what follows: (\w+)/m.exec(text) ?? [];
    expect(catalog.toolsets.flatMap(({ tools }) => tools).find((tool) => tool.name === first)?.risk).toBe("read");
  }
});

test("the skill names tools that there are, and what hosts show of it is short", () => {
  const text = read("plugin/skills/operate-nomad/SKILL.md");
  const { name, description = "" } = head(text);
  expect(name).toBe("operate-nomad");
  // The most that is read of it.
  expect(description.length).toBeLessThanOrEqual(1024);
  const named = [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, word = ""]) => word);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((word) => !toolNames.includes(word) && word !== "check_index")).toEqual([]);
});
