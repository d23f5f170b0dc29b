import { readFileSync } from "node:fs";
import { logLine } from "../log.ts";
import { openSession } from "../session.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

/** `nomad-mcp call TOOL key=value key=@file ... | --json '{...}'`: one call, its answer on stdout, 1 as exit status on an error. */
export const run: Command = async ({ settings, notices }, [tool, ...words]) => {
  if (tool === undefined) throw new Error("call needs the name of a tool: see nomad-mcp tools");
  const args = readArguments(words);
  for (const notice of notices) process.stderr.write(logLine(notice));
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const session = await openSession(settings);
  const result = await session.toolbox.call(tool, args, {
    signal: interrupted.signal,
    report: (message) => process.stderr.isTTY && process.stderr.write(`${message}\n`),
  });
  await session.release();
  for (const block of result.content) if (block.type === "text") print(block.text);
  return result.isError ? 1 : 0;
};

/** Values are text: the toolbox reads numbers, lists and booleans from it as the tool's schema asks. */
function readArguments(words: readonly string[]): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const equals = word.indexOf("=");
    if (word === "--json") {
      Object.assign(args, readJson(words[++index]));
    } else if (equals > 0 && !word.startsWith("-")) {
      args[word.slice(0, equals)] = readValue(word.slice(equals + 1));
    } else {
      throw new Error(`${JSON.stringify(word)} is not of the form key=value`);
    }
  }
  return args;
}

/** `@file` is the file's text, as for curl; `@-` is stdin's. */
function readValue(value: string): string {
  return value.startsWith("@") ? readFileSync(value === "@-" ? 0 : value.slice(1), "utf8") : value;
}

function readJson(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, in the same words.
  }
  throw new Error(`--json needs an object with the tool's arguments, such as '{"job_id":"web"}'`);
}
