import type { Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import { type ClaudeCall, claudeCalls } from "./claude-calls.ts";

/** A tool as the Messages API takes it. */
export interface ClaudeTool {
  readonly name: string;
  readonly description: string;
  readonly input_schema: ToolDefinition["inputSchema"];
}

/** Tools for the Messages API, in the order in which they are listed. */
export function claudeTools(definitions: readonly ToolDefinition[]): ClaudeTool[] {
  return definitions.map(({ name, description = "", inputSchema }) => ({
    name,
    description,
    input_schema: inputSchema,
  }));
}

/** Where the calls are served, and what they are about where they do not say it. */
export interface Served {
  /** The address of the server, such as `https://nomad-mcp.example`. */
  readonly url: string;
  readonly namespace: string;
}

/** The four calls as programs import them; without those whose tools are not among `definitions`. */
export function claudeApi(definitions: readonly ToolDefinition[], { url, namespace }: Served): object {
  const endpoints = claudeCalls.flatMap((call) => {
    const offered = offeredOf(call, definitions);
    const actions = Object.keys(offered);
    if (actions.length === 0) return [];
    const told = {
      name: call.name,
      description: "action" in call.arguments ? `${call.description} (${actions.join(", ")})` : call.description,
      method: call.method,
      url: `${url.replace(/\/+$/, "")}${call.path}`,
    };
    const all = argumentsOf(call, Object.values(offered));
    return [call.method === "POST" ? { ...told, body: all } : { ...told, params: parameters(all, namespace) }];
  });
  const description = "Manage Nomad jobs through the MCP service";
  return { tools: [{ name: "nomad_mcp", description, api_endpoints: endpoints }] };
}

function parameters(all: ClaudeCall["arguments"], namespace: string): object[] {
  return Object.entries(all).map(([name, type]) => {
    const usual = name === "namespace" && { default: namespace };
    return { name, type, description: descriptions[name] ?? name, required: false, ...usual };
  });
}

const descriptions: Readonly<Record<string, string>> = { namespace: "Nomad namespace", cluster: "Name of the cluster" };

/** The tools of a call that are offered, by action. */
export function offeredOf(
  { tools }: ClaudeCall,
  definitions: readonly ToolDefinition[],
): Readonly<Record<string, ToolDefinition>> {
  const found = Object.entries(tools).map(([action, tool]) => [action, definitions.find(({ name }) => name === tool)]);
  return Object.fromEntries(found.filter(([, definition]) => definition !== undefined));
}

/** The arguments of a call that one of the tools takes, with what the session adds to those. */
function argumentsOf(call: ClaudeCall, tools: readonly ToolDefinition[]): ClaudeCall["arguments"] {
  const taken = (name: string) => tools.some(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, name));
  const own = Object.entries(call.arguments).filter(([name]) => name === "action" || taken(name));
  const added = ["cluster", "confirm"].filter(taken).map((name) => [name, "string"] as const);
  return Object.fromEntries([...own, ...added]);
}
