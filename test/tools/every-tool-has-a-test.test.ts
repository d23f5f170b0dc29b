import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { toolsets } from "../../src/tools/index.ts";

const tools = toolsets.flatMap((toolset) => toolset.tools.map((tool) => tool.name));
/** Each in the folder of its noun. */
const modules = readdirSync(new URL("../../src/tools/", import.meta.url), { recursive: true, encoding: "utf8" });

test.each(tools)("%s has a module and a test of its name", (name) => {
  const kebab = name.replaceAll("_", "-");
  expect(modules.filter((path) => path.split(/[\\/]/).at(-1) === `${kebab}.ts`)).toHaveLength(1);
  expect(existsSync(new URL(`./${kebab}.test.ts`, import.meta.url)), `test/tools/${kebab}.test.ts`).toBe(true);
});
