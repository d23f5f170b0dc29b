import { notInDemo } from "../errors.ts";
import type { Reader } from "./reader.ts";
import { type Expression, type Span, SyntaxProblem } from "./syntax.ts";

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

type Parts = (string | Expression)[];

/** Reads the expression that is interpolated. */
type Inner = (reader: Reader) => Expression;

/** Reads a quoted string or a heredoc, with what is interpolated in it, which `inner` reads. */
export function parseTemplate(reader: Reader, inner: Inner): Expression {
  const from = reader.at;
  const parts = reader.peek() === '"' ? quoted(reader, inner) : heredoc(reader, inner);
  const span = { from, to: reader.at };
  const first = parts[0];
  const string = reader.source[from] === '"';
  // messages point at the first part of it, not at the quotes
  const firstEnd = parts.length === 1 ? reader.at - 1 : Math.max(from + 1, reader.source.indexOf("${", from));
  const start = string && typeof first === "string" ? { from: from + 1, to: firstEnd } : span;
  if (parts.length === 0) return { kind: "literal", value: "", span, start };
  if (parts.length === 1 && typeof first === "string") return { kind: "literal", value: first, span, start };
  // a string that is nothing but one interpolation is that value, of whatever type
  return { kind: "template", parts, wrapped: parts.length === 1 && string, span, start };
}

function add(parts: Parts, text: string): void {
  const last = parts.at(-1);
  if (typeof last === "string") parts[parts.length - 1] = last + text;
  else parts.push(text);
}

function quoted(reader: Reader, inner: Inner): Parts {
  const open: Span = { from: reader.at, to: reader.at + 1 };
  const parts: Parts = [];
  reader.at++;
  for (;;) {
    const next = reader.peek();
    if (next === '"') {
      reader.at++;
      return parts;
    }
    if (next === "")
      throw new SyntaxProblem(
        open,
        "Unterminated string literal",
        "Unable to find the closing quote mark before the end of the file.",
      );
    if (next === "\n") {
      throw new SyntaxProblem(
        { from: reader.at, to: reader.at + 1 },
        "Invalid multi-line string",
        'Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the "heredoc" multi-line template syntax.',
      );
    }
    if (next === "\\") {
      add(parts, escapeSequence(reader));
      continue;
    }
    const before = reader.at;
    if (interpolation(reader, inner, parts)) continue;
    reader.at = before + next.length;
    add(parts, next);
  }
}

function escapeSequence(reader: Reader): string {
  const from = reader.at;
  const code = reader.source[from + 1] ?? "";
  const simple = ESCAPES[code];
  if (simple !== undefined) {
    reader.at += 2;
    return simple;
  }
  const digits = code === "u" ? 4 : code === "U" ? 8 : 0;
  const hex = reader.source.slice(from + 2, from + 2 + digits);
  if (digits > 0 && /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits) {
    reader.at += 2 + digits;
    return String.fromCodePoint(Number.parseInt(hex, 16));
  }
  const span = { from, to: from + 2 };
  if (digits > 0) {
    const word = digits === 4 ? "four" : "eight";
    const detail = `The \\${code} escape sequence must be followed by ${word} hexadecimal digits.`;
    throw new SyntaxProblem(span, "Invalid escape sequence", detail);
  }
  const detail = `The symbol ${JSON.stringify(code)} is not a valid escape sequence selector.`;
  throw new SyntaxProblem(span, "Invalid escape sequence", detail);
}

/** Reads `${...}`, or what only looks like it; false where nothing of the kind stands. */
function interpolation(reader: Reader, inner: Inner, parts: Parts): boolean {
  const three = reader.rest(3);
  if (three === "$${" || three === "%%{") {
    add(parts, three.slice(1));
    reader.at += 3;
    return true;
  }
  const two = reader.rest(2);
  if (two === "%{") throw notInDemo("template directives in HCL (%{...})");
  if (two !== "${") return false;
  reader.at += 2;
  if (reader.peek() === "~") throw notInDemo("whitespace trimming in HCL templates (${~)");
  const expression = inner(reader);
  reader.skipSpace(true);
  if (reader.peek() === "~") throw notInDemo("whitespace trimming in HCL templates (~})");
  if (reader.peek() !== "}")
    throw new SyntaxProblem(
      reader.tokenSpan(),
      "Extra characters after interpolation expression",
      "Expected a closing brace to end the interpolation expression, but found extra characters.",
    );
  reader.at++;
  parts.push(expression);
  return true;
}

/** `<<EOF` and `<<-EOF`; the latter loses the indentation that all of its lines share. */
function heredoc(reader: Reader, inner: Inner): Parts {
  const from = reader.at;
  const header = /^<<(-?)([\p{L}_][\p{L}\p{Nd}_-]*)[ \t]*\r?\n/u.exec(reader.source.slice(from, from + 200));
  if (!header)
    throw new SyntaxProblem(
      reader.tokenSpan(),
      "Invalid expression",
      "Expected the start of an expression, but found an invalid expression token.",
    );
  const [whole, flush, word] = header;
  reader.at += whole.length;
  const parts: Parts = [];
  for (;;) {
    const end = new RegExp(`^[ \\t]*${word}(?=\\r?\\n|$)`).exec(reader.source.slice(reader.at));
    if (end) {
      reader.at += end[0].length;
      break;
    }
    if (reader.peek() === "")
      throw new SyntaxProblem(
        { from, to: from + whole.length },
        "Unterminated template string",
        "No closing marker was found for the string.",
      );
    for (let next = ""; next !== "\n" && reader.peek() !== ""; ) {
      if (interpolation(reader, inner, parts)) continue;
      next = reader.peek();
      add(parts, next);
      reader.at++;
    }
  }
  return flush === "-" ? flushed(parts) : parts;
}

function flushed(parts: Parts): Parts {
  let lineStart = true;
  let least = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (typeof part !== "string") {
      if (lineStart) least = 0;
      lineStart = false;
      continue;
    }
    for (const line of part.match(/[^\n]*\n|[^\n]+/g) ?? []) {
      if (lineStart && line !== "\n") least = Math.min(least, /^[ \t]*/.exec(line)?.[0].length ?? 0);
      lineStart = line.endsWith("\n");
    }
  }
  lineStart = true;
  return parts.map((part) => {
    if (typeof part !== "string") {
      lineStart = false;
      return part;
    }
    return (part.match(/[^\n]*\n|[^\n]+/g) ?? [])
      .map((line) => {
        const cut = lineStart ? Math.min(least, /^[ \t]*/.exec(line)?.[0].length ?? 0) : 0;
        lineStart = line.endsWith("\n");
        return line.slice(cut);
      })
      .join("");
  });
}
