import type { Span } from "./syntax.ts";

/** A place in the source that moves on. */
export interface Reader {
  readonly source: string;
  at: number;
  /** The next character, "" at the end. */
  peek(): string;
  rest(length: number): string;
  /** Passes over blanks and comments, and over newlines where they mean nothing. */
  skipSpace(newlines: boolean): void;
  /** Reads a name, if one stands here. */
  identifier(): string | undefined;
  /** What HCL would take for one token here: messages point at it. */
  tokenSpan(): Span;
}

const IDENTIFIER = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}-]*/uy;
const TOKEN = /\r?\n|==|!=|<=|>=|&&|\|\||=>|\.\.\.|\d+(\.\d+)?|./suy;

/** A reader at the start of the source. */
export function createReader(source: string): Reader {
  const reader: Reader = {
    source,
    at: 0,
    peek: () => source[reader.at] ?? "",
    rest: (length) => source.slice(reader.at, reader.at + length),
    skipSpace(newlines) {
      for (;;) {
        const next = reader.peek();
        const two = reader.rest(2);
        if (next === " " || next === "\t" || (two === "\r\n" && !newlines)) reader.at++;
        else if (newlines && (next === "\n" || next === "\r")) reader.at++;
        else if (next === "#" || two === "//") {
          const end = source.indexOf("\n", reader.at);
          reader.at = end < 0 ? source.length : end;
        } else if (two === "/*") {
          const end = source.indexOf("*/", reader.at + 2);
          reader.at = end < 0 ? source.length : end + 2;
        } else return;
      }
    },
    identifier() {
      IDENTIFIER.lastIndex = reader.at;
      const name = IDENTIFIER.exec(source)?.[0];
      if (name !== undefined) reader.at += name.length;
      return name;
    },
    tokenSpan() {
      const from = reader.at;
      IDENTIFIER.lastIndex = from;
      TOKEN.lastIndex = from;
      const token = IDENTIFIER.exec(source)?.[0] ?? TOKEN.exec(source)?.[0] ?? "";
      return { from, to: from + token.length };
    },
  };
  return reader;
}
