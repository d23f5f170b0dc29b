import { seal, unseal } from "../../../text/sealed.ts";

/** What stands at the top of HCL text: `name = ...` or `words {...}`. */
interface Statement {
  /** The attribute's name, or the block's type and labels. */
  readonly words: readonly string[];
  /** The text between a block's braces; undefined for an attribute. */
  readonly body: string | undefined;
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

/** The statements at the top of HCL text. One pass, without recursion. */
function statements(text: string): Statement[] {
  const found: Statement[] = [];
  // What is open around the place: "{", "(", "[" and "${" (code), '"' (a string), or the end marker of a heredoc.
  const open: string[] = [];
  let words: string[] = [];
  let inExpression = false;
  let bodyStart = 0;

  const at = (pattern: RegExp, index: number) => {
    pattern.lastIndex = index;
    return pattern.exec(text);
  };

  let index = 0;
  while (index < text.length) {
    const within = open.at(-1);
    const character = text[index] ?? "";
    if (within === '"' || within?.startsWith("<<")) {
      index = inText(text, index, within, open);
      continue;
    }
    const top = open.length === 0;
    const skipped = at(comment, index) ?? at(heredoc, index);
    if (skipped !== null) {
      index += skipped[0].length;
      if (skipped[1] !== undefined) open.push(`<<${skipped[1]}`);
      continue;
    }
    if (character === '"') {
      if (top && !inExpression) words.push(text.slice(index + 1, text.indexOf('"', index + 1)));
      open.push('"');
    } else if (character === "{" || character === "(" || character === "[") {
      if (top && !inExpression) bodyStart = index + 1;
      open.push(character);
    } else if (character === "}" || character === ")" || character === "]") {
      open.pop();
      if (open.length === 0 && !inExpression) {
        found.push({ words, body: text.slice(bodyStart, index) });
        words = [];
      }
    } else if (top && character === "\n") {
      words = [];
      inExpression = false;
    } else if (top && character === "=" && !inExpression) {
      found.push({ words, body: undefined });
      inExpression = true;
    } else if (top && !inExpression) {
      const word = at(identifier, index)?.[0];
      if (word !== undefined) {
        words.push(word);
        index += word.length;
        continue;
      }
    }
    index++;
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
