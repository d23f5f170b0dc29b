import type { Prompt, ToolCall } from "../../src/mcp/prompts.ts";
import { nomadPrompts } from "../../src/prompts/index.ts";
import { createCompleters } from "../../src/resources/completers.ts";

/** What a prompt asks of a model where no server looks first: the model makes the call itself. */
export interface Order {
  readonly prompt: Prompt;
  readonly text: string;
}

/** The order of every prompt. `placeholder`: what stands for a required argument, which the host fills in. */
export async function orders(placeholder: (argument: string) => string): Promise<Order[]> {
  const completers = createCompleters(() => {
    throw new Error("what is only listed asks no cluster");
  }, []);
  return await Promise.all(nomadPrompts(completers).map((prompt) => orderOf(prompt, placeholder)));
}

async function orderOf(prompt: Prompt, placeholder: (argument: string) => string): Promise<Order> {
  const required = prompt.arguments.filter((argument) => argument.required);
  const given = Object.fromEntries(required.map(({ name }) => [name, placeholder(name)]));
  const calls: ToolCall[] = [];
  const fetch = async (...wanted: readonly ToolCall[]) => {
    calls.push(...wanted.slice(0, 1));
    return undefined;
  };
  const [text = ""] = await prompt.texts(given, { fetch, offers: () => true });
  const files = required.filter(({ block }) => block).map(({ name }) => name);
  const parts = [
    text,
    ...files.map((name) => `The job file (where this is the path of one, read it): ${given[name]}`),
    ...calls.map(([tool, args]) => `Make this call first, its answer is what follows: ${shown(tool, args, files)}`),
  ];
  return { prompt, text: parts.join("\n\n") };
}

function shown(tool: string, args: ToolCall[1], files: readonly string[]): string {
  const words = Object.entries(args).map(([name, value]) =>
    files.includes(name) ? `${name}=<its text>` : `${name}=${value}`,
  );
  return [tool, ...words].join(" ");
}
