import type { CallToolResult, Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { all } from "../text/words.ts";
import { asMeant } from "./arguments.ts";
import { parameters } from "./parameters.ts";
import type { AnyTool, Call, Toolset } from "./tool.ts";

/** What the toolbox is told by the program, since it knows no Nomad itself. */
export interface ToolboxOptions<C extends Call> {
  readonly toolsets: readonly Toolset<C>[];
  /** Only tools that read are offered, and the others refused when called all the same. */
  readonly readOnly: boolean;
  /** Makes of a call what the tools work with. `namespace` is the argument, where one was given. */
  open(call: Call, namespace: string | undefined): C;
  /** What the operator should read of an error. */
  explain(error: unknown): string;
  /** Takes out of a text what must not leave this process. */
  mask(text: string): string;
  /** One line for the host's log. */
  log(line: string): void;
  /** Said before the first answer of the session. */
  readonly greeting?: string | undefined;
}

/** What the host gives with a call. */
export interface Host {
  readonly signal: AbortSignal;
  report?(message: string): void;
}

/** Everything that a host can ask for, and what is true of every tool. */
export interface Toolbox {
  readonly definitions: ToolDefinition[];
  call(name: string, args: unknown, host: Host): Promise<CallToolResult>;
}

/** Claude Desktop gives a call up after 60 s, and progress does not extend that; in ms. */
const longestCall = 50_000;
/** The largest answer, in characters. */
const longestAnswer = 40_000;

export function createToolbox<C extends Call>(options: ToolboxOptions<C>): Toolbox {
  const tools = options.toolsets.flatMap((toolset) => toolset.tools);
  const offered = new Map(tools.filter((tool) => permitted(tool)).map((tool) => [tool.name, tool]));
  let greeting = options.greeting;

  function permitted(tool: AnyTool<C>): boolean {
    return !options.readOnly || tool.risk === "read";
  }

  /** Fails closed: what cannot be masked is not said. */
  function masked(text: string): string {
    try {
      return options.mask(text);
    } catch {
      return "The answer is withheld: its secrets could not be masked. This is a mistake in nomad-mcp itself.";
    }
  }

  async function run(name: string, args: unknown, host: Host): Promise<string> {
    const tool = offered.get(name);
    if (tool === undefined) throw new CallError(notOffered(name, tools, offered));
    const started = Date.now();
    const signal = AbortSignal.any([host.signal, AbortSignal.timeout(longestCall)]);
    const { namespace, ...own } = parse(tool, args);
    const call: Call = {
      signal,
      started,
      report: (message) => host.report?.(masked(message)),
      offers: (other) => offered.has(other),
    };
    const text = await tool.run({ ...own, namespace }, options.open(call, namespace));
    // Masked whole: a secret that is cut in two is not known for one.
    return clip(masked(text), tool.keeps ?? "start");
  }

  return {
    definitions: [...offered.values()].map(define),
    async call(name, args, host) {
      let result: CallToolResult;
      try {
        result = answer(await run(name, args, host));
      } catch (error) {
        const text = masked(error instanceof CallError ? error.message : options.explain(error));
        options.log(`${name} failed: ${text.split("\n", 1)[0]}`);
        result = { ...answer(clip(text, "start")), isError: true };
      }
      if (greeting === undefined) return result;
      result.content.unshift({ type: "text", text: greeting });
      greeting = undefined;
      return result;
    },
  };
}

/** A call that does not fit the tool: the toolbox's own refusal. */
class CallError extends Error {}

function notOffered<C extends Call>(name: string, tools: readonly AnyTool<C>[], offered: Map<string, unknown>): string {
  if (tools.some((tool) => tool.name === name)) {
    return `${name} changes the cluster, and this server is read-only: NOMAD_MCP_READ_ONLY=false allows it.`;
  }
  return `There is no tool ${JSON.stringify(name.slice(0, 80))}. Offered: ${all([...offered.keys()])}.`;
}

/** The schema of a tool's arguments: its own, and the parameters that every tool has. */
function schema<C extends Call>(tool: AnyTool<C>) {
  return z.strictObject({ ...tool.input, namespace: parameters.namespace });
}

function define<C extends Call>(tool: AnyTool<C>): ToolDefinition {
  // Hosts refuse schemas of a dialect that they do not know, and do without the word (reference mcp.md, finding 2).
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema(tool), { io: "input", override: withoutLengths });
  const read = tool.risk === "read";
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema as ToolDefinition["inputSchema"],
    annotations: {
      title: tool.title,
      readOnlyHint: read,
      ...(!read && { destructiveHint: true, idempotentHint: tool.idempotent ?? false }),
      openWorldHint: tool.openWorld ?? false,
    },
  };
}

/** How long a text may be is checked and not told: it would be paid for in every session and help nobody. */
function withoutLengths({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.minLength;
  delete jsonSchema.maxLength;
}

function parse<C extends Call>(tool: AnyTool<C>, args: unknown): Record<string, unknown> & { namespace?: string } {
  const known = schema(tool);
  const meant = asMeant(known.shape, args ?? {});
  const unknown = Object.keys(meant).filter((key) => !Object.hasOwn(known.shape, key));
  if (unknown.length > 0) {
    const names = unknown.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 80)));
    throw new CallError(`${tool.name} has no argument ${all(names, "or")}; it takes ${all(Object.keys(known.shape))}.`);
  }
  const parsed = known.safeParse(meant);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.slice(0, 5).map((issue) => {
    const missing = issue.path.length === 1 && meant[String(issue.path[0])] === undefined;
    return missing ? `${issue.path.join()} is missing` : `${issue.path.join(".")}: ${issue.message}`;
  });
  throw new CallError(`${tool.name}: ${wrong.join("; ")}.`);
}

function answer(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/** Cuts an answer that is too long at a line's end, and says so where it was cut. */
function clip(text: string, keeps: "start" | "end"): string {
  if (text.length <= longestAnswer) return text;
  const note = "cut here, since the answer was too long: ask for fewer lines or rows, or name a group or task";
  const room = longestAnswer - note.length - 10;
  if (keeps === "start") {
    const kept = text.slice(0, text.lastIndexOf("\n", room) > 0 ? text.lastIndexOf("\n", room) : room);
    return `${kept}\n(${note})`;
  }
  const head = text.slice(0, Math.max(0, text.indexOf("\n")));
  const from = text.length - (room - Math.min(head.length, 2_000));
  const lineStart = text.indexOf("\n", from);
  return `${head.slice(0, 2_000)}\n(${note})\n${text.slice(lineStart > 0 ? lineStart + 1 : from)}`;
}
