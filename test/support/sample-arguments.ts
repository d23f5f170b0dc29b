import type { Tool } from "@modelcontextprotocol/sdk/types.js";

interface Property {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
}

/**
 * Arguments that a tool takes, made from what it lists, so that a tool which is added later needs no words of its own:
 * those that it requires, and of the others those whose name `values` has.
 */
export function sampleArguments(tool: Tool, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const required = new Set(tool.inputSchema.required ?? []);
  const entries = Object.entries<Property>(tool.inputSchema.properties ?? {})
    .filter(([name]) => required.has(name) || Object.hasOwn(values, name))
    .map(([name, property]) => [name, Object.hasOwn(values, name) ? values[name] : sample(property)]);
  return Object.fromEntries(entries);
}

function sample({ type, enum: choices, minimum = 0 }: Property): unknown {
  if (choices !== undefined) return choices[0];
  if (type === "integer" || type === "number") return Math.max(2, minimum);
  if (type === "boolean") return false;
  if (type === "array") return [];
  return type === "object" ? {} : "web";
}
