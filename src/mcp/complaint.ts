import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  InitializeRequestSchema,
  type JSONRPCRequest,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  PingRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import { type Fault, isObject, wrong } from "./fault.ts";

const requests = new Map(
  [
    InitializeRequestSchema,
    PingRequestSchema,
    ListToolsRequestSchema,
    CallToolRequestSchema,
    ListResourcesRequestSchema,
    ListResourceTemplatesRequestSchema,
    ReadResourceRequestSchema,
    ListPromptsRequestSchema,
    GetPromptRequestSchema,
    CompleteRequestSchema,
  ].map((schema) => [schema.shape.method.value as string, schema as z.ZodType]),
);

/** What the protocol does not allow in a request, in our words; undefined where all is well or the method is not known. */
export function complaint(message: JSONRPCRequest): Fault | undefined {
  const { id, method } = message;
  const parsed = requests.get(method)?.safeParse(message);
  if (parsed === undefined || parsed.success) return undefined;
  const [first] = parsed.error.issues;
  const place = first?.path.join(".") ?? "";
  const held = first?.path.reduce<unknown>((value, key) => (isObject(value) ? value[String(key)] : undefined), message);
  const words = first?.code === "invalid_type" ? kinds[first.expected] : undefined;
  if (held === undefined) return wrong(id, method, `${place} is missing`);
  return wrong(id, method, words ? `${place} must be ${words}` : `${place} is not what the protocol has there`);
}

const kinds: Partial<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};
