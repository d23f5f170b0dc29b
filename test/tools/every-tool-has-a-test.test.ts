import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { toolsets } from "../../src/tools/index.ts";

const tools = toolsets.flatMap((toolset) => toolset.tools.map((tool) => [tool.name, toolset.name] as const));

test.each(tools)("%s has a module and a test of its name", (name, toolset) => {
  const kebab = name.replaceAll("_", "-");
  expect(
    existsSync(new URL(`../../src/tools/${toolset}/${kebab}.ts`, import.meta.url)),
    `src/tools/${toolset}/${kebab}.ts`,
  ).toBe(true);
  expect(existsSync(new URL(`./${kebab}.test.ts`, import.meta.url)), `test/tools/${kebab}.test.ts`).toBe(true);
});
