import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { confirmSchema, define, schemaOf } from "../../../src/mcp/definition.ts";
import { isObject } from "../../../src/mcp/fault.ts";
import { inSession } from "../../../src/mcp/listing.ts";
import { toolsets } from "../../../src/tools/index.ts";
import { openApi } from "../../../src/transports/http/openapi.ts";
import { get, restServer } from "./support.ts";

const tools = toolsets.flatMap((toolset) => toolset.tools);
const clusters = ["prod", "staging"];
const asks = (risk: string) => risk === "destructive";
/** Every tool, with all that a session can add to its arguments. */
const definitions = tools.map((tool) =>
  inSession(define(tool), confirmSchema(), { clusters, asks: asks(tool.risk), library: true }),
);
const document = openApi(definitions);

/** What stands at a place such as `paths./openapi.json.get`; undefined where there is nothing. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((held, key) => (isObject(held) ? held[key] : undefined), value);
}

const bodyOf = (tool: string) =>
  at(document, "paths", `/api/v1/tools/${tool}`, "post", "requestBody", "content", "application/json");

test.each([
  ["all that there can be", document],
  ["of a reader", openApi(definitions.filter(({ annotations }) => annotations?.readOnlyHint))],
  ["of nobody", openApi([])],
])("the document is valid: %s", async (_, given) => {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...given }));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test("what the document refers to is in it", () => {
  const found = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter((path) => at(document, ...path.split("/")) === undefined)).toEqual([]);
});

describe("every tool", () => {
  test.each(tools.map((tool) => [tool.name, tool] as const))(
    "%s: has an example that it takes, whole and of each argument",
    (name, tool) => {
      const schema = schemaOf(tool, clusters, asks(tool.risk));
      const example = at(bodyOf(name), "example");
      expect(schema.parse(example)).toMatchObject({});
      const properties = at(bodyOf(name), "schema", "properties");
      expect(Object.keys(isObject(properties) ? properties : {}).sort()).toEqual(Object.keys(schema.shape).sort());
      for (const argument of Object.keys(schema.shape)) {
        const examples = at(properties, argument, "examples");
        const [first]: unknown[] = Array.isArray(examples) ? examples : [];
        expect({ argument, missing: first === undefined }).toEqual({ argument, missing: false });
        const given = schema.safeParse({ ...(isObject(example) && example), [argument]: first });
        expect({ argument, error: given.error?.message }).toEqual({ argument, error: undefined });
      }
    },
  );
});

test("the document of a caller has what the caller may use, in the order of tools/list, and no more", async () => {
  const { url, session } = await restServer({ readOnly: true });
  const { status, body } = await get<{ paths: Record<string, unknown> }>(`${url}/openapi.json`);
  expect(status).toBe(200);
  const names = session.toolbox.definitions.map(({ name }) => `/api/v1/tools/${name}`);
  const calls = ["/api/claude/list-jobs", "/api/claude/jobs", "/api/claude/job-logs/{job_id}"];
  expect(Object.keys(body.paths)).toEqual([...names, ...calls]);
  const managing = at(body.paths, "/api/claude/jobs", "post", "requestBody", "content", "application/json", "schema");
  expect(at(managing, "properties", "action", "enum")).toEqual(["status"]);
});

test("a call that may need a consent says so", () => {
  const consent = (tool: string) => at(document, "paths", `/api/v1/tools/${tool}`, "post", "responses", "409");
  expect(consent("stop_job")).toBeDefined();
  expect(consent("start_job")).toBeUndefined();
});

test("an argument in the path is one that has to be given", () => {
  const parameters = at(document, "paths", "/api/claude/job-logs/{job_id}", "get", "parameters");
  expect(parameters).toContainEqual(expect.objectContaining({ name: "job_id", in: "path", required: true }));
  expect(parameters).toContainEqual(expect.objectContaining({ name: "namespace", in: "query", required: false }));
});

test("where it is served stands in it where that is known", () => {
  expect(openApi([], "https://nomad-mcp.example/").servers).toEqual([{ url: "https://nomad-mcp.example" }]);
  expect(document.servers).toBeUndefined();
});
