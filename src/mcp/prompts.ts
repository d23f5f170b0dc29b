import type { GetPromptResult, ListPromptsResult, PromptMessage } from "@modelcontextprotocol/sdk/types.js";
import { seal, sealBlock, show, showLine, unsealedValue } from "../text/sealed.ts";
import type { Completer, Given } from "./completions.ts";
import { InvalidRequest } from "./invalid-request.ts";
import { listPrompts } from "./listing.ts";
import { textOf } from "./result-text.ts";
import type { Host, Toolbox } from "./toolbox.ts";

/** A call of a tool: its name and arguments. */
export type ToolCall = readonly [tool: string, args: Readonly<Record<string, unknown>>];

/** What a tool answered, for a prompt. */
export interface Fetched {
  readonly tool: string;
  readonly text: string;
  readonly failed: boolean;
}

/** What a prompt is made with. */
export interface PromptContext {
  /** Makes the first of the calls whose tool this session offers; undefined where it offers none of them. */
  fetch(...calls: readonly ToolCall[]): Promise<Fetched | undefined>;
  /** True where this session offers the tool. */
  offers(tool: string): boolean;
}

/** An argument of a prompt. Hosts give all of them as text. */
export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** In characters. */
  readonly max: number;
  /** True for text of several lines, which keeps its line ends. */
  readonly block?: boolean;
  readonly complete?: Completer;
}

/** What a person can start with one choice: it looks first, and then asks the model. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** Tools without which it makes no sense. */
  readonly needs?: readonly string[];
  /** The texts that the model gets, one message each: what is asked of it, and apart from that what was found. */
  texts(given: Given, context: PromptContext): Promise<readonly string[]>;
}

/** The prompts of a session. */
export interface Prompts {
  list(): ListPromptsResult;
  /** @throws InvalidRequest for an unknown prompt and for arguments that are missing, unknown or too long. */
  get(name: string, given: Given, host: Host): Promise<GetPromptResult>;
  /** What the argument of a prompt can be. */
  completer(prompt: string, argument: string): Completer | undefined;
}

/** `cluster`: what every prompt takes where there are several, and every call of a tool with it. */
export function createPrompts(toolbox: Toolbox, all: readonly Prompt[], cluster?: PromptArgument): Prompts {
  const prompts = new Map(
    all
      .filter(({ needs = [] }) => needs.every((tool) => toolbox.offers(tool)))
      .map((prompt) => [prompt.name, cluster ? { ...prompt, arguments: [...prompt.arguments, cluster] } : prompt]),
  );
  return {
    list: () => listPrompts(all, toolbox.offers, cluster),

    async get(name, given, host) {
      const prompt = prompts.get(name);
      if (prompt === undefined) {
        throw new InvalidRequest(
          `There is no prompt ${JSON.stringify(showLine(name.slice(0, 80)))}: ${[...prompts.keys()].join(", ")}.`,
        );
      }
      const { cluster: named, ...args } = checked(prompt, given);
      const where = named === undefined ? {} : { cluster: named };
      const texts = await prompt.texts(args, {
        offers: toolbox.offers,
        fetch: async (...calls) => {
          const [call] = calls.filter(([tool]) => toolbox.offers(tool));
          if (call === undefined) return undefined;
          const [tool, own] = call;
          // The toolbox seals what it is given.
          const result = await toolbox.read(tool, unsealedValue({ ...own, ...where }), host);
          return { tool, text: textOf(result), failed: result.isError === true };
        },
      });
      return { description: prompt.description, messages: [...texts, ...onCluster(named)].map(message) };
    },

    completer: (prompt, argument) => prompts.get(prompt)?.arguments.find(({ name }) => name === argument)?.complete,
  };
}

const message = (text: string): PromptMessage => ({ role: "user", content: { type: "text", text: show(text) } });

function onCluster(name: string | undefined): string[] {
  return name === undefined ? [] : [`All of this is about the cluster ${JSON.stringify(name)}: name it in every call.`];
}

/** The arguments, sealed, without those that were left blank. */
function checked({ name, arguments: args }: Prompt, given: Given): Given {
  const filled = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value.trim() !== "")
      .map(([key, value]) => {
        const isBlock = args.some((arg) => arg.name === key && arg.block);
        return [seal(key), isBlock ? sealBlock(value) : seal(value)];
      }),
  );
  for (const key of Object.keys(filled)) {
    if (!args.some((arg) => arg.name === key)) {
      throw new InvalidRequest(`${name} has no argument ${JSON.stringify(key.slice(0, 80))}.`);
    }
  }
  for (const { name: key, required, max } of args) {
    if (required && filled[key] === undefined) throw new InvalidRequest(`${name}: ${key} is missing.`);
    if ((filled[key]?.length ?? 0) > max) throw new InvalidRequest(`${name}: ${key} is longer than ${max} characters.`);
  }
  return filled;
}
