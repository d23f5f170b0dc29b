import type { Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { deeperThan, entriesIn } from "../text/nesting.ts";
import { all } from "../text/words.ts";
import { asMeant, sealedArguments } from "./arguments.ts";
import { parameters } from "./parameters.ts";
import { Refused } from "./refused.ts";
import { judgeStray, type Stray } from "./stray.ts";
import type { AnyTool, Call } from "./tool.ts";

/** The arguments of a call that say where it acts, as far as they were given. */
export interface Where {
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
}

/** The schema of a tool's arguments. */
export type ArgumentSchema = z.ZodObject;

/**
 * The schema of a tool's arguments: its own, and the parameters that every tool has. `clusters`: the names to choose from;
 * `asks`: the tool takes the code of a consent.
 */
export function schemaOf<C extends Call>(tool: AnyTool<C>, clusters: readonly string[], asks: boolean): ArgumentSchema {
  return z.strictObject({
    ...tool.input,
    namespace: tool.risk === "read" ? parameters.namespace : parameters.one_namespace,
    ...(clusters.length > 1 && { cluster: z.enum(clusters).optional() }),
    ...(asks && { confirm: parameters.confirm }),
  });
}

/**
 * A tool as a host lists it, as far as that is the same in every session ({@link inSession} has the rest); its annotations
 * derive from its risk.
 */
export function define<C extends Call>(tool: AnyTool<C>): ToolDefinition {
  const read = tool.risk === "read";
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(schemaOf(tool, [], false)) as ToolDefinition["inputSchema"],
    annotations: {
      title: tool.title,
      readOnlyHint: read,
      ...(!read && { destructiveHint: true, idempotentHint: tool.idempotent ?? false }),
      openWorldHint: tool.openWorld ?? false,
    },
  };
}

/** The code of a consent, as the definition of a tool has it that takes one. */
export const confirmSchema = (): object => jsonSchema(parameters.confirm);

function jsonSchema(schema: z.ZodType): object {
  // Hosts refuse schemas of a dialect that they do not know, and do without the word (mcp.md §0, finding 2).
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: "input", override: plainly });
  return plain;
}

/**
 * How long a text or a list may be is checked and not told: it would be paid for in every session and help nobody. That the keys of
 * an object are texts goes without saying, and some hosts refuse a schema that says it.
 */
function plainly({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.minLength;
  delete jsonSchema.maxLength;
  delete jsonSchema.minItems;
  delete jsonSchema.maxItems;
  delete jsonSchema.propertyNames;
}

/** A call's arguments: those that the tool gets, where it acts, and the code of a consent. */
export interface ParsedArguments {
  readonly args: Record<string, unknown> & { readonly namespace: string | undefined };
  readonly where: Where;
  readonly code: string | undefined;
}

/** So many levels of lists and objects are taken as arguments. */
const deepest = 64;
/** As many as no job has: each is looked at several times before a call begins. */
const mostEntries = 50_000;
/** So many arguments of a host's own are let through unread; it has no more. */
const mostUnread = 10;

/** Arguments as the tool gets them. @throws Refused where they do not fit it: its message names what does. */
export function parse<C extends Call>(tool: AnyTool<C>, schema: ArgumentSchema, given: unknown): ParsedArguments {
  const names = Object.keys(schema.shape);
  const others = Object.entries(given ?? {})
    .filter(([key, value]) => !Object.hasOwn(schema.shape, key) && value !== null && value !== "")
    .map(([key]) => key);
  const strays = others.slice(0, mostUnread + 1).map((key) => judgeStray(key, names, tool.risk === "read"));
  if (strays.length > mostUnread || strays.some(({ unread }) => !unread)) throw noSuch(tool.name, names, strays);
  const plain = asMeant(schema.shape, given ?? {});
  for (const key of others) delete plain[key];
  // What walks a value, the schema for one, would run out of stack.
  if (deeperThan(deepest, plain)) throw new Refused(`${tool.name}: the arguments are nested too deep.`, "arguments");
  if (entriesIn(plain, mostEntries) > mostEntries) {
    throw new Refused(
      `${tool.name}: the arguments have more than ${mostEntries.toLocaleString("en")} entries.`,
      "arguments",
    );
  }
  const meant = sealedArguments(schema.shape, plain);
  const parsed = schema.safeParse(meant);
  if (parsed.success) {
    const { namespace: space, cluster: name, confirm, ...own } = parsed.data;
    const namespace = typeof space === "string" ? space : undefined;
    const cluster = typeof name === "string" ? name : undefined;
    const code = typeof confirm === "string" ? confirm : undefined;
    return { args: { ...own, namespace }, where: { namespace, cluster }, code };
  }
  const wrong = parsed.error.issues.slice(0, 5).map((issue) => {
    const missing = issue.path.length === 1 && meant[String(issue.path[0])] === undefined;
    return missing ? `${issue.path.join()} is missing` : `${issue.path.join(".")}: ${issue.message}`;
  });
  // Of what was let through unread one may be what is missing here.
  if (strays.length > 0 && wrong.some((each) => each.endsWith(" is missing"))) {
    wrong.push(
      `there is no argument ${all(
        strays.map(({ shown }) => shown),
        "or",
      )}`,
    );
  }
  throw new Refused(`${tool.name}: ${wrong.join("; ")}.`, "arguments");
}

/** The refusal of arguments that a tool does not have, with the names that were most likely meant. */
function noSuch(tool: string, names: readonly string[], strays: readonly Stray[]): Refused {
  const wrong = strays.filter(({ unread }) => !unread);
  const told = (wrong.length > 0 ? wrong : strays).slice(0, 5);
  const shown = told.map(({ shown, near }) => (near ? `${shown} (the nearest is ${near})` : shown));
  return new Refused(`${tool} has no argument ${all(shown, "or")}; it takes ${all(names)}.`, "arguments");
}
