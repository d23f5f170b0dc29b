import { seal, sealBlock, unseal } from "../../../text/sealed.ts";

/** What stands at the top of HCL text: `name = ...` or `words {...}`. */
export interface Statement {
  /** The attribute's name, or the block's type and labels. */
  readonly words: readonly string[];
  /** The text between a block's braces; undefined for an attribute. */
  readonly body: string | undefined;
  /** Of an attribute, what stands behind its sign on the same line. */
  readonly value?: string;
  /** Where it begins in the text. */
  readonly start: number;
  /** Where a block's body begins, and the first place behind the block. */
  readonly at?: { readonly body: number; readonly end: number };
}

/**
 * The names of the variables that a job file declares, in `variable "x" {}` and in `variables {}`. `hcl` must be
 * text that Nomad's parser has taken: of what is no HCL, anything may be found.
 */
export function declaredVariables(hcl: string): Set<string> {
  if (isJson(hcl)) return new Set([...jsonNames(hcl, "variable"), ...jsonNames(hcl, "variables")]);
  const names = statements(hcl).flatMap(({ words, body }) => {
    if (body === undefined) return [];
    if (words[0] === "variables") return assignedVariables(body);
    return words[0] === "variable" && words[1] !== undefined ? [seal(unseal(words[1]))] : [];
  });
  return new Set(names);
}

/** The names to which tfvars text gives values. It must be text that Nomad's parser has taken. */
export function assignedVariables(tfvars: string): string[] {
  if (isJson(tfvars)) return jsonNames(tfvars);
  return statements(tfvars).flatMap(({ words, body }) =>
    body === undefined && words[0] ? [seal(unseal(words[0]))] : [],
  );
}

/**
 * Texts of tfvars as one: of a variable to which several give a value, the last one counts, as it does for the nomad command
 * with several -var-file. They must be text that Nomad's parser takes.
 */
export function mergedVariables(texts: readonly string[]): string {
  const values = new Map<string, string>();
  for (const text of texts) for (const [name, assignment] of assignments(unseal(text))) values.set(name, assignment);
  return sealBlock([...values.values()].join("\n"));
}

/** Each variable with the text that assigns its value. */
function assignments(text: string): (readonly [name: string, assignment: string])[] {
  if (isJson(text)) {
    const whole: Record<string, unknown> = JSON.parse(text);
    return Object.entries(whole).map(([name, value]) => [name, `${name} = ${JSON.stringify(value)}`]);
  }
  const found = statements(text).filter(({ body }) => body === undefined);
  return found.map(({ words, start }, index) => {
    return [words[0] ?? "", text.slice(start, found[index + 1]?.start).trim()] as const;
  });
}

/** As Nomad decides it (jobspec2/parse.go, isJSON). */
const isJson = (text: string) => /^ *\{/.test(text);

/** The keys of a JSON object, or of the object (or the list of objects) under one of its keys. */
function jsonNames(text: string, under?: string): string[] {
  const whole: unknown = JSON.parse(unseal(text));
  const found = Object.entries(whole ?? {}).flatMap(([key, value]) => (key === under ? [value].flat() : []));
  return (under === undefined ? [whole] : found).flatMap((each) => Object.keys(each ?? {}).map(seal));
}

const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const heredoc = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;
const comment = /(?:#|\/\/)[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//y;

/** What of a pattern stands at a place. */
function at(text: string, pattern: RegExp, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

/** A word or a character of HCL text outside of its strings, heredocs and comments; what strings have in `${...}` is code, too. */
interface Piece {
  readonly text: string;
  readonly isWord: boolean;
  readonly index: number;
  /** How much is open around it, and behind it. */
  readonly depth: number;
  readonly left: number;
}

/** One pass, without recursion. */
function* code(text: string): Generator<Piece> {
  // What is open around the place: "{", "(", "[" and "${" (code), '"' (a string), or the end marker of a heredoc.
  const open: string[] = [];
  let index = 0;
  while (index < text.length) {
    const within = open.at(-1);
    if (within === '"' || within?.startsWith("<<")) {
      index = inText(text, index, within, open);
      continue;
    }
    const skipped = at(text, comment, index) ?? at(text, heredoc, index);
    if (skipped !== null) {
      index += skipped[0].length;
      if (skipped[1] !== undefined) open.push(`<<${skipped[1]}`);
      continue;
    }
    const depth = open.length;
    const word = at(text, identifier, index)?.[0];
    const piece = word ?? text[index] ?? "";
    if (isOpening(piece)) open.push(piece);
    else if (isClosing(piece)) open.pop();
    yield { text: piece, isWord: word !== undefined, index, depth, left: open.length };
    index += piece.length;
  }
}

const isOpening = (piece: string) => piece === '"' || piece === "{" || piece === "(" || piece === "[";
const isClosing = (piece: string) => piece === "}" || piece === ")" || piece === "]";

/** The statements at the top of HCL text. */
export function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let words: string[] = [];
  let inExpression = false;
  let start = 0;
  let bodyStart = 0;
  for (const { text: piece, isWord, index, depth, left } of code(text)) {
    if (isClosing(piece)) {
      if (left > 0 || inExpression) continue;
      found.push({ words, body: text.slice(bodyStart, index), start, at: { body: bodyStart, end: index + 1 } });
      words = [];
    } else if (depth === 0 && piece === "\n") {
      words = [];
      inExpression = false;
    } else if (depth > 0 || inExpression) {
      // What is not at the top, or the value of an attribute.
    } else if (piece === '"') {
      words.push(text.slice(index + 1, text.indexOf('"', index + 1)));
    } else if (isOpening(piece)) {
      bodyStart = index + 1;
    } else if (piece === "=") {
      const [value = ""] = text.slice(index + 1).split("\n", 1);
      found.push({ words, body: undefined, value: value.trim(), start });
      inExpression = true;
    } else if (isWord) {
      if (words.length === 0) start = index;
      words.push(piece);
    }
  }
  return found;
}

/** A call of a function in an expression of HCL text. */
export interface FunctionCall {
  readonly name: string;
  /** What stands between its parentheses. */
  readonly argument: string;
  /** Where it begins in the text, and the first place behind it. */
  readonly start: number;
  readonly end: number;
}

/** The calls of some functions in the expressions of HCL text, also of those inside of strings; none in one another. */
export function expressionCalls(text: string, names: readonly string[]): FunctionCall[] {
  const found: FunctionCall[] = [];
  let call: { name: string; start: number; from: number; depth: number } | undefined;
  for (const { text: piece, isWord, index, depth, left } of code(text)) {
    if (call === undefined) {
      if (!isWord || !names.includes(piece) || text[index - 1] === ".") continue;
      const from = skipBlanks(text, index + piece.length) + 1;
      if (text[from - 1] === "(") call = { name: piece, start: index, from, depth };
    } else if (piece === ")" && left === call.depth) {
      const { name, start, from } = call;
      found.push({ name, start, argument: text.slice(from, index), end: index + 1 });
      call = undefined;
    }
  }
  return found;
}

/** One step inside a string or a heredoc: the index after it. What it opens or closes is put on `open` or taken off. */
function inText(text: string, index: number, within: string, open: string[]): number {
  const ending = within.slice(2);
  if (within === '"') {
    if (text[index] === "\\") return index + 2;
    if (text[index] === '"') open.pop();
  } else if (text[index - 1] === "\n" && text.startsWith(ending, skipBlanks(text, index))) {
    const end = skipBlanks(text, index) + ending.length;
    if (/^[ \t]*\r?(\n|$)/.test(text.slice(end, end + 200))) {
      open.pop();
      return end;
    }
  }
  if (/^(\$\$|%%)\{/.test(text.slice(index, index + 3))) return index + 3;
  if (/^[$%]\{/.test(text.slice(index, index + 2))) {
    open.push("${");
    return index + 2;
  }
  return index + 1;
}

function skipBlanks(text: string, index: number): number {
  let next = index;
  while (text[next] === " " || text[next] === "\t") next++;
  return next;
}
