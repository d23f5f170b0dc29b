import { parseExpression } from "./parse-expression.ts";
import { createReader, type Reader } from "./reader.ts";
import { type Block, type Body, place, type Span, SyntaxProblem } from "./syntax.ts";

const REQUIRED = "Argument or block definition required";
const HERE = "An argument or block definition is required here.";

/** Reads a whole file. Throws at the first thing that is no HCL. */
export function parseFile(source: string): Body {
  return parseBody(createReader(source), undefined);
}

/** Reads attributes and blocks up to the end of the file, or to the brace that closes `open`. */
function parseBody(reader: Reader, open: Span | undefined): Body {
  const from = reader.at;
  const body: Body = { attributes: [], blocks: [], span: { from, to: from } };
  for (;;) {
    reader.skipSpace(true);
    const next = reader.peek();
    if (next === "}" && open) {
      body.span.to = reader.at;
      reader.at++;
      return body;
    }
    if (next === "") {
      if (open)
        throw new SyntaxProblem(
          open,
          "Unclosed configuration block",
          "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
        );
      body.span.to = reader.at;
      return body;
    }
    if (next === '"')
      throw new SyntaxProblem(quotedSpan(reader), "Invalid argument name", "Argument names must not be quoted.");
    parseItem(reader, body);
    endOfItem(reader, body);
  }
}

function quotedSpan(reader: Reader): Span {
  const end = reader.source.indexOf('"', reader.at + 1);
  return { from: reader.at, to: end < 0 ? reader.at + 1 : end + 1 };
}

function templateSpan({ source }: Reader, { from, to }: Span): Span {
  const at = source.slice(from, to).indexOf("${");
  return { from: from + at, to: from + at + 2 };
}

function parseItem(reader: Reader, body: Body): void {
  const from = reader.at;
  const name = reader.identifier();
  if (name === undefined) throw new SyntaxProblem(reader.tokenSpan(), REQUIRED, HERE);
  const nameSpan = { from, to: reader.at };
  reader.skipSpace(false);
  const next = reader.peek();
  if (next === "=" && reader.rest(2) !== "==") {
    reader.at++;
    const value = parseExpression(reader, false);
    const before = body.attributes.find((other) => other.name === name);
    if (before) {
      const detail = `The argument "${name}" was already set at ${place(reader.source, before.nameSpan)}. Each argument may be set only once.`;
      throw new SyntaxProblem(nameSpan, "Attribute redefined", detail);
    }
    body.attributes.push({ name, nameSpan, value, span: { from, to: value.span.to } });
    return;
  }
  if (next === '"' || next === "{" || /[\p{L}_]/u.test(next)) {
    body.blocks.push(parseBlock(reader, name, nameSpan));
    return;
  }
  const detail = `${HERE} To set an argument, use the equals sign "=" to introduce the argument value.`;
  throw new SyntaxProblem(nameSpan, REQUIRED, detail);
}

function endOfItem(reader: Reader, body: Body): void {
  reader.skipSpace(false);
  const next = reader.peek();
  if (next === "\n" || next === "\r" || next === "") return;
  const last = body.blocks.at(-1);
  const block = last !== undefined && last.body.span.to >= (body.attributes.at(-1)?.span.to ?? 0);
  throw new SyntaxProblem(
    reader.peek() === '"' ? { from: reader.at, to: reader.at + 1 } : reader.tokenSpan(),
    block ? "Missing newline after block definition" : "Missing newline after argument",
    block ? "A block definition must end with a newline." : "An argument definition must end with a newline.",
  );
}

function parseBlock(reader: Reader, type: string, typeSpan: Span): Block {
  const labels: Block["labels"] = [];
  for (;;) {
    reader.skipSpace(false);
    const next = reader.peek();
    if (next === "{") break;
    const from = reader.at;
    const name = reader.identifier();
    if (name !== undefined) {
      labels.push({ text: name, span: { from, to: reader.at } });
      continue;
    }
    if (next === '"') {
      const expression = parseExpression(reader, false);
      if (expression.kind !== "literal" || typeof expression.value !== "string")
        throw new SyntaxProblem(
          templateSpan(reader, expression.span),
          "Invalid string literal",
          'Template sequences are not allowed in this string. To include a literal "$", double it (as "$$") to escape it.',
        );
      labels.push({ text: expression.value, span: expression.span });
      continue;
    }
    const invalid = (detail: string) => new SyntaxProblem(reader.tokenSpan(), "Invalid block definition", detail);
    if (next === "=")
      throw invalid(
        'The equals sign "=" indicates an argument definition, and must not be used when defining a block.',
      );
    if (next === "\n" || next === "\r" || next === "")
      throw invalid(
        'A block definition must have block content delimited by "{" and "}", starting on the same line as the block header.',
      );
    throw invalid('Either a quoted string block label or an opening brace ("{") is expected here.');
  }
  const open = { from: reader.at, to: reader.at + 1 };
  const header = { from: typeSpan.from, to: labels.at(-1)?.span.to ?? typeSpan.to };
  reader.at++;
  reader.skipSpace(false);
  const next = reader.peek();
  const multi = next === "\n" || next === "\r" || next === "";
  const body = multi || next === "}" ? parseBody(reader, open) : singleLine(reader, open);
  return { type, typeSpan, labels, body, header, open };
}

/** `block { name = value }`: one argument, closed on the same line. */
function singleLine(reader: Reader, open: Span): Body {
  const body: Body = { attributes: [], blocks: [], span: { from: reader.at, to: reader.at } };
  const from = reader.at;
  const name = reader.identifier();
  const nameSpan = { from, to: reader.at };
  reader.skipSpace(false);
  if (name !== undefined && reader.peek() !== "=")
    throw new SyntaxProblem(
      nameSpan,
      "Argument definition required",
      `A single-line block definition can contain only a single argument. If you meant to define argument "${name}", use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.`,
    );
  if (name === undefined) throw new SyntaxProblem(reader.tokenSpan(), REQUIRED, HERE);
  reader.at = from;
  parseItem(reader, body);
  reader.skipSpace(false);
  const summary = "Invalid single-argument block definition";
  if (reader.peek() === ",")
    throw new SyntaxProblem(
      reader.tokenSpan(),
      summary,
      "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument definition per line.",
    );
  if (reader.peek() === "\n" || reader.peek() === "\r")
    throw new SyntaxProblem(
      reader.tokenSpan(),
      summary,
      "An argument definition on the same line as its containing block creates a single-line block definition, which must also be closed on the same line. Place the block's closing brace immediately after the argument definition.",
    );
  if (reader.peek() !== "}") {
    if (reader.peek() === "")
      throw new SyntaxProblem(
        open,
        "Unclosed configuration block",
        "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
      );
    throw new SyntaxProblem(
      reader.tokenSpan(),
      summary,
      "A single-line block definition must end with a closing brace immediately after its single argument definition.",
    );
  }
  body.span.to = reader.at;
  reader.at++;
  return body;
}
