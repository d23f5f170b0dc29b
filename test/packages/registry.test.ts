import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv-provider.js";
import { expect, test } from "vitest";
import { settingsTable } from "../../src/settings/table.ts";

// server.json before the registry's own schema: a copy of
// https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json stands in this folder.

const root = join(import.meta.dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const server = read("server.json");
const pkg = read("package.json");
const schema = read("test/packages/server.schema.json");
const validate = new AjvJsonSchemaValidator().getValidator(schema);

test("it is what the schema asks for", () => {
  expect(server.$schema).toBe(schema.$id);
  expect(validate(server)).toMatchObject({ valid: true });
  for (const wrong of [
    { ...server, name: "nomad-mcp" },
    { ...server, description: "x".repeat(101) },
    { ...server, packages: [{ ...server.packages[0], version: "latest" }] },
    { ...server, remotes: [{ type: "http", url: "https://x/mcp" }] },
  ])
    expect(validate(wrong)).toMatchObject({ valid: false });
});

test("name and version are those of the package, which the registry compares", () => {
  expect(server.name).toBe(pkg.mcpName);
  expect(server.name).toMatch(/^io\.github\.[\w-]+\/nomad-mcp$/);
  const [npm, ...others] = server.packages;
  expect(others).toEqual([]);
  expect(npm).toMatchObject({ registryType: "npm", identifier: pkg.name, version: pkg.version });
  expect(server.version).toBe(pkg.version);
});

test("it has every setting that a server over stdio heeds, and what is secret is secret", () => {
  const variables: { name: string; isSecret: boolean; format: string }[] = server.packages[0].environmentVariables;
  const heeded = settingsTable.filter(({ help, env }) => !help.startsWith("serve:") && env !== undefined);
  expect(variables.map(({ name }) => name)).toEqual(heeded.map(({ env }) => env));
  const secret = variables.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  expect(secret).toEqual(["NOMAD_TOKEN", "NOMAD_HTTP_AUTH", "NOMAD_MCP_KEY"]);
  const files = variables.filter(({ format }) => format === "filepath").map(({ name }) => name);
  expect(files).toEqual(
    variables
      .map(({ name }) => name)
      .filter(
        (name) => /FILE$|CERT$|CLIENT_KEY$|CAPATH$|_CA$|AUDIT_LOG$|CONFIG$/.test(name) && !name.includes("SYSTEM"),
      ),
  );
});
