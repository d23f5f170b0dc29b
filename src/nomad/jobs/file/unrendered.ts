import { Refusal } from "../../../api/errors/refusal.ts";
import { positionAt } from "./text-position.ts";

/**
 * Marks of the templates that job files are made from: nomad-pack and Levant, ERB, and those with braces. A list in a list
 * begins with two brackets, too, but goes on otherwise.
 */
const marks: readonly (readonly [mark: RegExp, renderer: string])[] = [
  [/\[\[-?\s*([.$/]|[a-z]+\s)/g, "nomad-pack render or levant render"],
  [/<%[-=]?\s/g, "the tool that it was written for (ERB)"],
  [/\{%-?\s|\{\{-?\s*[\w.]/g, "the tool that it was written for (Ansible, Helm or the like)"],
];
/** What stands in quotes may be the argument of a program, such as the test of a shell or a format, but not this. */
const certain = /^\[\[-?\s*\./;

/**
 * That a text which Nomad's parser refuses is a template of a job file; undefined where it is none. In heredocs a task's
 * own templates stand.
 */
export function unrendered(hcl: string): Refusal | undefined {
  const outside = blanked(hcl);
  for (const [mark, renderer] of marks) {
    const found = [...outside.matchAll(mark)].find(
      ({ 0: text, index }) => certain.test(text) || !isQuoted(outside, index),
    );
    if (found === undefined) continue;
    const { line, words } = positionAt(hcl, found.index);
    return new Refusal(
      `The job file is a template that was not rendered. Nothing was submitted.\nline ${line}: ${words}\nNext: render it first (${renderer}) and give what comes out`,
    );
  }
  return undefined;
}

/** Whether an odd number of quotes stands before it in its line. */
function isQuoted(hcl: string, at: number): boolean {
  const line = hcl.slice(hcl.lastIndexOf("\n", at) + 1, at);
  return line.split('"').length % 2 === 0;
}

/** The text with heredocs and comments blanked, so that what is left keeps its place. */
function blanked(hcl: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
  return hcl.replaceAll(/<<-?(\w+)\n[\s\S]*?\n\s*\1(?=\n|$)/g, blank).replaceAll(/^\s*(#|\/\/).*$/gm, blank);
}
