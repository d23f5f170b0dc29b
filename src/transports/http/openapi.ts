import type { Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import { isObject } from "../../mcp/fault.ts";
import { version } from "../../version.ts";
import { type ClaudeCall, claudeCalls } from "./claude-calls.ts";
import { offeredOf } from "./claude-documents.ts";
import { exampleArguments, exampleOf } from "./examples.ts";
import { problems, problemType } from "./problem.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The API for programs as OpenAPI 3.1: one operation for each tool, of the schema that it has over MCP, and the calls under
 * /api/claude. `url`: where it is served; the address of the document where it is not given.
 */
export function openApi(definitions: readonly ToolDefinition[], url?: string): Json {
  const tools = definitions.map((tool) => [`/api/v1/tools/${tool.name}`, { post: toolOperation(tool) }]);
  const calls = claudeCalls.flatMap((call) => {
    const operation = callOperation(call, offeredOf(call, definitions));
    return operation === undefined ? [] : [[call.path, { [call.method.toLowerCase()]: operation }]];
  });
  return {
    openapi: "3.1.0",
    info: { title: "nomad-mcp", version, description: "The tools of nomad-mcp, for programs that do not speak MCP." },
    ...(url !== undefined && { servers: [{ url: url.replace(/\/+$/, "") }] }),
    security: [{ key: [] }, { nomad_token: [] }, {}],
    paths: Object.fromEntries([...tools, ...calls]),
    components,
  };
}

const answer = { $ref: "#/components/responses/Answer" };
const anyProblem = { $ref: "#/components/responses/Problem" };

function toolOperation(tool: ToolDefinition): Json {
  return {
    operationId: tool.name,
    tags: ["tools"],
    summary: tool.title,
    description: tool.description,
    requestBody: jsonBody(withExamples(tool.inputSchema), exampleArguments(tool)),
    responses: responses([tool]),
  };
}

/** One of the four calls; undefined where all that it could do is hidden. */
function callOperation(call: ClaudeCall, offered: Readonly<Record<string, ToolDefinition>>): Json | undefined {
  const tools = Object.values(offered);
  const [first] = tools;
  if (first === undefined) return undefined;
  const told = { operationId: `claude_${call.name}`, tags: ["claude"], summary: call.description };
  if (call.method === "GET") return { ...told, parameters: parametersOf(call, first), responses: responses(tools) };
  const { schema, example } = "action" in call.arguments ? managing(Object.keys(offered), tools) : likeTool(first);
  return { ...told, requestBody: jsonBody(schema, example), responses: responses(tools) };
}

const likeTool = (tool: ToolDefinition) => ({
  schema: withExamples(tool.inputSchema),
  example: exampleArguments(tool),
});

/** What the call takes that does one of several things with a job. */
function managing(actions: readonly string[], tools: readonly ToolDefinition[]) {
  const all: Json = Object.assign({}, ...tools.map(({ inputSchema }) => inputSchema.properties));
  const own = Object.entries(all).filter(([name]) => shared.includes(name));
  const properties = { ...Object.fromEntries(own), action: { type: "string", enum: actions } };
  const required = ["job_id", "action"];
  const schema = withExamples({ type: "object", properties, required, additionalProperties: false });
  return { schema, example: { job_id: exampleOf("job_id", undefined), action: actions[0] } };
}

/** Of the tools' arguments, those that the call has whatever it does. */
const shared = ["job_id", "namespace", "purge", "cluster", "confirm"];

/** All that the tool takes: what stands in the path, and the rest in the query. */
function parametersOf({ path }: ClaudeCall, { inputSchema }: ToolDefinition): Json[] {
  const { properties = {} } = withExamples(inputSchema);
  return Object.entries(properties).map(([name, schema]) => {
    const inPath = path.includes(`{${name}}`);
    return { name, in: inPath ? "path" : "query", required: inPath, schema };
  });
}

interface ObjectSchema extends Json {
  readonly properties?: Json | undefined;
}

/** The schema with an example for each argument. */
function withExamples(schema: ToolDefinition["inputSchema"]): ObjectSchema {
  const shown = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    { ...(isObject(property) && property), examples: [exampleOf(name, property)] },
  ]);
  return { ...schema, properties: Object.fromEntries(shown) };
}

const jsonBody = (schema: Json, example: Json) => ({
  required: true,
  content: { "application/json": { schema, example } },
});

function responses(tools: readonly ToolDefinition[]): Json {
  const asks = tools.some(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, "confirm"));
  return { 200: answer, ...(asks && { 409: { $ref: "#/components/responses/Consent" } }), default: anyProblem };
}

const problemMembers = {
  type: { type: "string", enum: Object.keys(problems).map((kind) => `${problemType}${kind}`) },
  title: { type: "string" },
  status: { type: "integer", enum: [...new Set(Object.values(problems).map(({ status }) => status))] },
  detail: { type: "string", description: "What is so, why, and what to do next" },
  instance: { type: "string", description: "The request, as the logs of the server name it" },
  tool: { type: "string" },
  role: { type: "string" },
};
const required = ["type", "title", "status", "detail", "instance"];

const inProblem = (description: string, name: string) => ({
  description,
  content: { "application/problem+json": { schema: { $ref: `#/components/schemas/${name}` } } },
});

const components = {
  securitySchemes: {
    key: { type: "http", scheme: "bearer", description: "A key of this server" },
    nomad_token: {
      ...{ type: "apiKey", in: "header", name: "X-Nomad-Token" },
      description: "Your own Nomad token, where this server takes such (nomad-token)",
    },
  },
  schemas: {
    Answer: {
      type: "object",
      properties: {
        text: { type: "string", description: "The answer, for people and models" },
        data: { description: "The same facts for programs, where the tool has them" },
        is_error: { type: "boolean", const: false },
      },
      required: ["text", "is_error"],
    },
    Problem: { type: "object", properties: problemMembers, required },
    Consent: {
      type: "object",
      properties: {
        ...problemMembers,
        preview: { type: "string", description: "What the call would do, for the person who is to consent" },
        code: { type: "string", description: "The same call again with this as confirm carries it out" },
      },
      required: [...required, "preview", "code"],
    },
  },
  responses: {
    Answer: {
      description: "The answer of the tool",
      content: { "application/json": { schema: { $ref: "#/components/schemas/Answer" } } },
    },
    Problem: inProblem("Why there is no answer", "Problem"),
    Consent: inProblem("Nothing was done: a person has to consent first", "Consent"),
  },
};
