import { readFileSync } from "node:fs";
import { logLine } from "../log.ts";
import { openSession } from "../session.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

/**
 * `nomad-mcp call TOOL key=value key=@file ... | --args '{...}' [--json]`: one call, its answer on stdout, 1 as exit status on an
 * error. With --json the answer is `{ text, data, is_error }`, where the tool has facts for programs.
 */
export const run: Command = async ({ settings, notices }, [tool, ...words]) => {
  if (tool === undefined) throw new Error("call needs the name of a tool: see nomad-mcp tools");
  const { args, asJson } = readWords(words);
  for (const notice of notices) process.stderr.write(logLine(notice));
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const session = await openSession(settings);
  const told = await session.toolbox.tell(tool, args, {
    signal: interrupted.signal,
    report: (message) => process.stderr.isTTY && process.stderr.write(`${message}\n`),
  });
  await session.release();
  const { text, data, isError = false } = told;
  print(asJson ? JSON.stringify({ text, ...(data && { data: data() }), is_error: isError }, null, 2) : text);
  return isError ? 1 : 0;
};

/** Values are text: the toolbox reads numbers, lists and booleans from it as the tool's schema asks. */
function readWords(words: readonly string[]): { args: Record<string, unknown>; asJson: boolean } {
  const args: Record<string, unknown> = {};
  let asJson = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const equals = word.indexOf("=");
    if (word === "--json") {
      asJson = true;
    } else if (word === "--args") {
      Object.assign(args, readJson(words[++index]));
    } else if (equals > 0 && !word.startsWith("-")) {
      args[word.slice(0, equals)] = readValue(word.slice(equals + 1));
    } else {
      throw new Error(`${JSON.stringify(word)} is not of the form key=value`);
    }
  }
  return { args, asJson };
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
  throw new Error(`--args needs an object with the tool's arguments, such as '{"job_id":"web"}'`);
}
