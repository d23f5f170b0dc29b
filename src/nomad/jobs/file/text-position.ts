import { quotedLine } from "../../../text/untrusted.ts";

/** A place in a text: line and column count from 1, `words` is what stands there, cut for showing. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly words: string;
}

/** The place of the character at `offset`. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  const line = before.length;
  const column = [...(before.at(-1) ?? "")].length + 1;
  return { line, column, words: wordsAt(text, line, column) };
}

/** A line around a column, both counted from 1; empty where there is no such line. */
export function wordsAt(text: string, line: number, column: number): string {
  const characters = [...(text.split("\n", line)[line - 1] ?? "")];
  const start = characters.length > 160 ? Math.max(0, column - 100) : 0;
  const words = quotedLine(characters.slice(start, start + 160).join(""), 160);
  return `${start > 0 ? "…" : ""}${words}${characters.length > start + 160 ? "…" : ""}`;
}
