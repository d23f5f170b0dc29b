import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { confirmSchema, define } from "../../../src/mcp/definition.ts";
import { inSession } from "../../../src/mcp/listing.ts";
import { toolsets } from "../../../src/tools/index.ts";
import { claudeApi, claudeTools } from "../../../src/transports/http/claude-documents.ts";

const tools = toolsets.flatMap((toolset) => toolset.tools);
const definitions = tools.map((tool) => define(tool));
const served = { url: "http://127.0.0.1:8000/", namespace: "shop" };

test("tools for the Messages API: what it takes of a tool and no more, in the order of tools/list", () => {
  const made = claudeTools(definitions);
  expect(made.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  for (const tool of made) {
    expect(Object.keys(tool)).toEqual(["name", "description", "input_schema"]);
    expect(tool.name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(tool.description).not.toBe("");
    expect(tool.input_schema.type).toBe("object");
  }
});

test("claude_nomad_tool.json is that, of the usual settings", () => {
  const file = new URL("../../../claude_nomad_tool.json", import.meta.url);
  // Of a library there is nothing in it: no setting is usual that names one.
  const offered = toolsets.filter(({ name, optIn }) => !optIn && name !== "library");
  const usual = offered
    .flatMap((toolset) => toolset.tools.map((tool) => define(tool)))
    .map((each) => inSession(each, confirmSchema(), { clusters: [], asks: false, library: false }));
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(claudeTools(usual))));
});

test("the document of the four calls", () => {
  expect(claudeApi(definitions, served)).toMatchInlineSnapshot(`
    {
      "tools": [
        {
          "api_endpoints": [
            {
              "description": "List all jobs in a namespace",
              "method": "GET",
              "name": "list_jobs",
              "params": [
                {
                  "default": "shop",
                  "description": "Nomad namespace",
                  "name": "namespace",
                  "required": false,
                  "type": "string",
                },
              ],
              "url": "http://127.0.0.1:8000/api/claude/list-jobs",
            },
            {
              "body": {
                "action": "string",
                "job_id": "string",
                "namespace": "string",
                "purge": "boolean",
              },
              "description": "Manage a job (status, start, stop, restart)",
              "method": "POST",
              "name": "manage_job",
              "url": "http://127.0.0.1:8000/api/claude/jobs",
            },
            {
              "body": {
                "count": "integer",
                "cpu": "integer",
                "datacenters": "array",
                "docker_image": "string",
                "env_vars": "object",
                "job_id": "string",
                "memory": "integer",
                "name": "string",
                "namespace": "string",
                "ports": "array",
                "type": "string",
              },
              "description": "Create a new job",
              "method": "POST",
              "name": "create_job",
              "url": "http://127.0.0.1:8000/api/claude/create-job",
            },
            {
              "description": "Get logs for a job",
              "method": "GET",
              "name": "get_job_logs",
              "params": [
                {
                  "default": "shop",
                  "description": "Nomad namespace",
                  "name": "namespace",
                  "required": false,
                  "type": "string",
                },
              ],
              "url": "http://127.0.0.1:8000/api/claude/job-logs/{job_id}",
            },
          ],
          "description": "Manage Nomad jobs through the MCP service",
          "name": "nomad_mcp",
        },
      ],
    }
  `);
});

test("what a caller may not use is not in it", () => {
  const reading = definitions.filter(({ annotations }) => annotations?.readOnlyHint);
  const text = JSON.stringify(claudeApi(reading, served));
  expect(text).toContain("Manage a job (status)");
  expect(text).not.toMatch(/create_job|stop|purge/);
});

test("cluster and code of a consent are in it where the tools take them", () => {
  const session = { clusters: ["prod", "staging"], asks: true, library: true };
  const text = JSON.stringify(
    claudeApi(
      definitions.map((each) => inSession(each, confirmSchema(), session)),
      served,
    ),
  );
  expect(text.match(/"cluster"/g)).toHaveLength(4);
  expect(text).toContain('"confirm":"string"');
});
