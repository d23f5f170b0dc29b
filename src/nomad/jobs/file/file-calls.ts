import { Refusal } from "../../../api/errors/refusal.ts";
import { sealBlock, unseal } from "../../../text/sealed.ts";
import { expressionCalls } from "./hcl-names.ts";
import { hclString } from "./hcl-string.ts";
import { positionAt } from "./text-position.ts";

/** What Nomad's server refuses, since it has not the files: jobspec2/functions.go. */
const names = ["file", "filebase64", "fileexists", "fileset", "templatefile"] as const;

/**
 * A job file with what its `file("...")` would read put in its place, as the nomad command does before it submits. `read`: the
 * text of a file by its path beside the job file.
 *
 * @throws Refusal with the line for one of another function that reads files, or whose path is no plain text: what they would
 *   give cannot be known here.
 */
export async function withFiles(hcl: string, read: (path: string) => Promise<string>): Promise<string> {
  const plain = unseal(hcl);
  const calls = expressionCalls(plain, names);
  if (calls.length === 0) return hcl;
  const parts: string[] = [];
  let end = 0;
  for (const call of calls) {
    const path = call.name === "file" ? /^\s*"((?:[^"\\$%]|[$%](?!\{))*)"\s*$/.exec(call.argument)?.[1] : undefined;
    if (path === undefined) throw notHere(call.name, plain, call.start);
    parts.push(plain.slice(end, call.start), hclString(await read(path)));
    end = call.end;
  }
  return sealBlock(parts.join("") + plain.slice(end));
}

function notHere(name: string, hcl: string, at: number): Refusal {
  const { line, words } = positionAt(hcl, at);
  const cure =
    name === "file"
      ? "give its path as a plain text"
      : 'put what it gives into the job file, or use file("...") with a plain path';
  return new Refusal(
    `${name}() in line ${line} cannot be resolved here: Nomad's server reads no files. Nothing was submitted.\nline ${line}: ${words}\nNext: ${cure}`,
  );
}
