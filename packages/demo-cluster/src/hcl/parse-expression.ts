import { notInDemo } from "../errors.ts";
import { parseTemplate } from "./parse-template.ts";
import type { Reader } from "./reader.ts";
import { type Expression, type Step, SyntaxProblem } from "./syntax.ts";

/** Reads an expression. Inside brackets newlines mean nothing. */
export function parseExpression(reader: Reader, inBrackets: boolean): Expression {
  const expression = parseTerm(reader, inBrackets);
  reader.skipSpace(inBrackets);
  const operator = /^(\|\||&&|==|!=|<=|>=|[-+*/%<>?])/.exec(reader.rest(3))?.[0];
  if (operator) throw notInDemo(`operators in HCL expressions (${operator})`);
  return expression;
}

const interpolated = (reader: Reader) => parseExpression(reader, true);

function parseTerm(reader: Reader, inBrackets: boolean): Expression {
  reader.skipSpace(inBrackets);
  const from = reader.at;
  const next = reader.peek();
  if (next === '"') return parseTemplate(reader, interpolated);
  if (reader.rest(2) === "<<") return parseTemplate(reader, interpolated);
  if (next === "[") return parseTuple(reader);
  if (next === "{") return parseObject(reader);
  if (next === "(") {
    reader.at++;
    const inner = parseExpression(reader, true);
    reader.skipSpace(true);
    if (reader.peek() !== ")")
      throw new SyntaxProblem(
        reader.tokenSpan(),
        "Unbalanced parentheses",
        "Expected a closing parenthesis to terminate the expression.",
      );
    reader.at++;
    return { ...inner, span: { from, to: reader.at } };
  }
  const number = /^-?\d+(\.\d+)?([eE][-+]?\d+)?/.exec(reader.rest(40))?.[0];
  if (number !== undefined) {
    reader.at += number.length;
    const span = { from, to: reader.at };
    return { kind: "literal", value: Number(number), span, start: span };
  }
  const name = reader.identifier();
  if (name !== undefined) return parseName(reader, name, from, inBrackets);
  if (next === "!" || next === "-") throw notInDemo(`operators in HCL expressions (${next})`);
  if (next === "")
    throw new SyntaxProblem(
      reader.tokenSpan(),
      "Missing expression",
      "Expected the start of an expression, but found the end of the file.",
    );
  throw new SyntaxProblem(
    reader.tokenSpan(),
    "Invalid expression",
    "Expected the start of an expression, but found an invalid expression token.",
  );
}

function parseName(reader: Reader, name: string, from: number, inBrackets: boolean): Expression {
  const nameSpan = { from, to: reader.at };
  if (name === "true" || name === "false" || name === "null") {
    const value = name === "null" ? null : name === "true";
    return { kind: "literal", value, span: nameSpan, start: nameSpan };
  }
  if (reader.peek() === "(") {
    const start = { from, to: reader.at + 1 };
    reader.at++;
    const args = parseItems(reader, ")", () => parseExpression(reader, true));
    return { kind: "call", name, args, nameSpan, span: { from, to: reader.at }, start };
  }
  const steps: Step[] = [];
  for (;;) {
    const begin = reader.at;
    if (reader.peek() === ".") {
      reader.at++;
      const key = reader.identifier() ?? /^\d+/.exec(reader.rest(20))?.[0];
      if (key === undefined) {
        if (reader.peek() === "*") throw notInDemo("splat expressions in HCL");
        throw new SyntaxProblem(
          reader.tokenSpan(),
          "Invalid attribute name",
          "An attribute name is required after a dot.",
        );
      }
      if (/^\d/.test(key)) reader.at += key.length;
      steps.push({ key: /^\d/.test(key) ? Number(key) : key, span: { from: begin, to: reader.at } });
    } else if (reader.peek() === "[") {
      reader.at++;
      if (reader.peek() === "*") throw notInDemo("splat expressions in HCL");
      const key = parseExpression(reader, true);
      reader.skipSpace(true);
      if (reader.peek() !== "]")
        throw new SyntaxProblem(
          reader.tokenSpan(),
          "Missing close bracket on index",
          'The index operator must end with a closing bracket ("]").',
        );
      reader.at++;
      steps.push({ key, span: { from: begin, to: reader.at } });
    } else break;
  }
  if (inBrackets && reader.rest(3) === "...") throw notInDemo("expanding arguments in HCL");
  const span = { from, to: reader.at };
  return { kind: "traversal", root: name, steps, span, start: span };
}

/** Items between brackets, divided by commas. */
function parseItems<T>(reader: Reader, close: ")" | "]", item: () => T): T[] {
  const items: T[] = [];
  for (;;) {
    reader.skipSpace(true);
    if (reader.peek() === close) {
      reader.at++;
      return items;
    }
    items.push(item());
    reader.skipSpace(true);
    if (reader.peek() === ",") {
      reader.at++;
      continue;
    }
    if (reader.peek() === close) continue;
    const call = close === ")";
    if (reader.peek() === "")
      throw new SyntaxProblem(
        reader.tokenSpan(),
        call ? "Unterminated function call" : "Unterminated tuple constructor expression",
        call
          ? "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parenthesis nesting elsewhere in this file."
          : "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file.",
      );
    throw new SyntaxProblem(
      reader.tokenSpan(),
      call ? "Missing argument separator" : "Missing item separator",
      call
        ? "A comma is required to separate each function argument from the next."
        : "Expected a comma to mark the beginning of the next item.",
    );
  }
}

function parseTuple(reader: Reader): Expression {
  const from = reader.at++;
  reader.skipSpace(true);
  if (/^for\b/.test(reader.rest(4))) throw notInDemo("for expressions in HCL");
  const items = parseItems(reader, "]", () => parseExpression(reader, true));
  return { kind: "tuple", items, span: { from, to: reader.at }, start: { from, to: from + 1 } };
}

function parseObject(reader: Reader): Expression {
  const from = reader.at++;
  const items: { key: Expression; value: Expression }[] = [];
  const done = (): Expression => ({
    kind: "object",
    items,
    span: { from, to: reader.at },
    start: { from, to: from + 1 },
  });
  reader.skipSpace(true);
  if (/^for\b/.test(reader.rest(4))) throw notInDemo("for expressions in HCL");
  for (;;) {
    reader.skipSpace(true);
    if (reader.peek() === "}") {
      reader.at++;
      return done();
    }
    if (reader.peek() === "")
      throw new SyntaxProblem(
        { from, to: from + 1 },
        "Unterminated object constructor expression",
        "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
      );
    const begin = reader.at;
    const bare = reader.identifier();
    let key: Expression;
    if (bare !== undefined && !/^[.([]/.test(reader.peek())) {
      const span = { from: begin, to: reader.at };
      key = { kind: "literal", value: bare, span, start: span };
    } else {
      reader.at = begin;
      key = parseExpression(reader, false);
    }
    reader.skipSpace(false);
    if (reader.peek() !== "=" && reader.peek() !== ":") {
      if (reader.peek() === "\n" || reader.peek() === "," || reader.peek() === "}")
        throw new SyntaxProblem(
          reader.tokenSpan(),
          "Missing attribute value",
          'Expected an attribute value, introduced by an equals sign ("=").',
        );
      throw new SyntaxProblem(
        reader.tokenSpan(),
        "Missing key/value separator",
        'Expected an equals sign ("=") to mark the beginning of the attribute value.',
      );
    }
    reader.at++;
    items.push({ key, value: parseExpression(reader, false) });
    reader.skipSpace(false);
    const end = reader.peek();
    if (end === "," || end === "\n") reader.at++;
    else if (end !== "}" && end !== "")
      throw new SyntaxProblem(
        reader.tokenSpan(),
        "Missing attribute separator",
        "Expected a newline or comma to mark the beginning of the next attribute.",
      );
  }
}
