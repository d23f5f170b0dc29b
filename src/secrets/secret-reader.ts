import { mark, type Span } from "./secret-spans.ts";

/** A value as it stands in a text, its quotes not included. */
export interface WrittenValue extends Span {
  readonly quoted: boolean;
  /** Where reading goes on: behind the closing quote. */
  readonly next: number;
}

/** A value that does not end before this is taken to end there; characters. */
const longest = 256 * 1024;

/** Reads the values of one text. */
export type Reader = (at: number) => WrittenValue | undefined;

/** A reader of the value that begins at a place: quoted (also inside an escaped string), heredoc, block of YAML, or bare. */
export function createReader(text: string): Reader {
  // Where a bare word ends does not depend on where it begins, so no word is gone through twice.
  let word = { start: 0, end: 0 };
  return (at) =>
    readValue(text, at, (start) => {
      if (start < word.start || start >= word.end) word = { start, end: endOfBare(text, start) };
      return word.end;
    });
}

function readValue(text: string, at: number, endOf: (start: number) => number): WrittenValue | undefined {
  if (text.startsWith(mark, at)) return undefined;
  const brackets = at + matchAt(/\[{0,2}[ \t]{0,4}/y, text, at).length;
  // The literal inside a call, such as base64encode("..."); what a call looks up elsewhere is none.
  const call = matchAt(/[A-Za-z_][\w.]{0,40}\((?=\\{0,7}["'`])/y, text, brackets);
  if (/^(?:.*\.)?(?:get|(?:get)?env|file|filebase64|templatefile|key|secret|lookup|nomadVar)\($/i.test(call))
    return undefined;
  const start = brackets + call.length;
  const opening = matchAt(/\\{0,7}["'`]/y, text, start);
  if (opening !== "") return readQuoted(text, start + opening.length, opening);
  return readHeredoc(text, start) ?? readBlock(text, start) ?? readBare(text, start, endOf(start));
}

/** What a sticky pattern matches at a place, empty where it does not. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** Up to the quote that has as many backslashes before it as the opening one; with fewer it ends the text around. */
function readQuoted(text: string, start: number, opening: string): WrittenValue {
  const limit = Math.min(text.length, start + longest);
  const escapes = opening.length - 1;
  const quote = opening.at(-1);
  let at = start;
  while (at < limit && text[at] !== "\n") {
    // What is filled in later has quotes of its own.
    at += text.startsWith("{{", at) ? matchAt(/\{\{[^{}\n]{0,500}\}\}/y, text, at).length : 0;
    let slashes = 0;
    while (text[at + slashes] === "\\") slashes++;
    if (text[at + slashes] !== quote) {
      at += slashes + 1;
    } else if (slashes <= escapes || (escapes === 0 && slashes % 2 === 0)) {
      const inside = slashes <= escapes ? at : at + slashes;
      return { start, end: inside, next: at + slashes + 1, quoted: true };
    } else {
      at += slashes + 1;
    }
  }
  const end = Math.min(at, text.length);
  return { start, end, next: end, quoted: true };
}

/** `<<EOF`, `<<-EOF`: the lines down to the one that holds the mark alone. */
function readHeredoc(text: string, at: number): WrittenValue | undefined {
  const opening = matchAt(/<<[-~]?["']?\w{1,64}["']?[ \t]{0,8}\n/y, text, at);
  if (opening === "") return undefined;
  const end = /\w+/.exec(opening)?.[0] ?? "";
  return readLines(text, at + opening.length, (line) => line.replace(/^\W+/, "").trim() !== end);
}

/** `key: |` and `key: >`: the lines below it that are indented more than it is. */
function readBlock(text: string, at: number): WrittenValue | undefined {
  const opening = matchAt(/[|>][-+]?\d?[ \t]{0,8}\n/y, text, at);
  if (opening === "") return undefined;
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const indent = (line: string) => matchAt(/[| \t-]{0,200}/y, line, 0).length;
  const own = indent(text.slice(lineStart, Math.min(at, lineStart + 400)));
  return readLines(text, at + opening.length, (line) => line.trim() === "" || indent(line) > own);
}

function readLines(text: string, from: number, belongs: (line: string) => boolean): WrittenValue {
  const limit = Math.min(text.length, from + longest);
  let end = from;
  let start: number | undefined;
  while (end < limit) {
    const newline = text.indexOf("\n", end);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(end, lineEnd);
    if (!belongs(line)) break;
    // What quotes or indents the first line stays.
    start ??= end + matchAt(/[| \t]{0,200}/y, line, 0).length;
    end = lineEnd + 1;
  }
  const last = Math.max(start ?? from, Math.min(end, text.length) - (text[end - 1] === "\n" ? 1 : 0));
  return { start: start ?? from, end: last, next: last, quoted: true };
}

/** A word without quotes, without what closes or goes on behind it. */
function readBare(text: string, start: number, wordEnd: number): WrittenValue | undefined {
  const length = withoutTail(text.slice(start, wordEnd)).length;
  if (length === 0) return undefined;
  return { start, end: start + length, next: start + length, quoted: false };
}

function endOfBare(text: string, start: number): number {
  let end = start;
  // What is filled in later may have spaces in it: `{{ with secret "x" }}`.
  const filledIn = () => matchAt(/\{\{[^{}\n]{0,500}\}\}|\$\{[^{}\n]{0,500}\}|\$\([^()\n]{0,500}\)/y, text, end).length;
  while (end < text.length && !endsBare(text, end)) end += filledIn() || 1;
  return end;
}

/** Separators belong to a word unless another assignment or nothing follows them. */
function endsBare(text: string, at: number): boolean {
  const character = text[at] ?? "";
  if (/[\s"'`]/.test(character)) return true;
  if (character === "<") return text[at + 1] === "/";
  if (character === "\\") return /["'`nrt\\]/.test(text[at + 1] ?? "");
  return (
    /[,;&|]/.test(character) && matchAt(/[,;&|](?:$|[\s"'`[\]{}()]|[A-Za-z_][\w.-]{0,63} ?[=:])/y, text, at) !== ""
  );
}

/** Closing brackets that were opened before the value, and what ends a sentence. */
function withoutTail(value: string): string {
  let end = value.length;
  for (; end > 0; end--) {
    const last = value[end - 1] ?? "";
    const opening = { ")": "(", "]": "[", "}": "{" }[last];
    if (opening !== undefined ? value.slice(0, end).includes(opening) : !/[.,;:]/.test(last)) break;
  }
  return value.slice(0, end);
}
