/** A piece of a text that configures something. Spaces between pieces are none. */
export interface ConfigToken {
  /**
   * - `line`: a new line begins at its end, also one that is written `\n` inside a string.
   * - `filled`: what is filled in elsewhere: `{{ ... }}`, `${...}`, `$(...)`.
   * - `quote`, `bracket`, `comma` (`,` or `;`): one sign; a quote with its backslashes.
   * - `word`: everything else up to one of these or a space, with its `=` and `:`.
   */
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

type TokenKind = "line" | "filled" | "quote" | "bracket" | "comma" | "word";

/** What is filled in elsewhere ends within so many characters, or is no such thing. */
const longestFilled = 4_096;
/** So many backslashes are read before a quote: those of a string in a string in a string. */
const mostBackslashes = 7;

/** Gives each piece of a text, one after the other, in a time that grows with its length and nothing else. */
export function* readConfig(text: string): Generator<ConfigToken> {
  const filledEnd = fillings(text);
  let at = 0;
  while (at < text.length) {
    const start = at;
    const filled = filledEnd(at);
    const sign = filled === undefined ? signAt(text, at) : undefined;
    if (filled !== undefined) {
      at = filled;
      yield { kind: "filled", start, end: at };
    } else if (sign !== undefined) {
      at = sign.end;
      if (sign.kind !== "space") yield { kind: sign.kind, start, end: at };
    } else {
      at++;
      while (at < text.length && signAt(text, at) === undefined && filledEnd(at) === undefined) at++;
      yield { kind: "word", start, end: at };
    }
  }
}

/** Tells where what is filled in at a place ends. Each end is looked for once, however often one begins. */
function fillings(text: string): (at: number) => number | undefined {
  const next = { "{{": -1, "${": -1, "$(": -1 };
  const closes = { "{{": "}}", "${": "}", "$(": ")" };
  return (at) => {
    const first = text[at];
    if (first !== "{" && first !== "$") return undefined;
    const opens = first + (text[at + 1] ?? "");
    if (opens !== "{{" && opens !== "${" && opens !== "$(") return undefined;
    if (next[opens] < at + 2) {
      const found = text.indexOf(closes[opens], at + 2);
      next[opens] = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    const end = next[opens] + closes[opens].length;
    return end - at <= longestFilled ? end : undefined;
  };
}

const signs: Readonly<Record<string, TokenKind | "space">> = {
  ...{ "\n": "line", '"': "quote", "'": "quote", "`": "quote", ",": "comma", ";": "comma" },
  ...{ "(": "bracket", ")": "bracket", "[": "bracket", "]": "bracket", "{": "bracket", "}": "bracket" },
  ...{ "<": "bracket", ">": "bracket", " ": "space", "\t": "space", "\r": "space", "\u00a0": "space" },
};
/** By the code of a character: most are none. */
const signOfCode: readonly (TokenKind | "space" | undefined)[] = Array.from(
  { length: 161 },
  (_, code) => signs[String.fromCharCode(code)],
);

interface Sign {
  readonly kind: TokenKind | "space";
  readonly end: number;
}

function signAt(text: string, at: number): Sign | undefined {
  const code = text.charCodeAt(at);
  const kind = signOfCode[code];
  if (kind !== undefined) return { kind, end: at + 1 };
  if (code !== 92) return undefined;
  let end = at + 1;
  while (text[end] === "\\" && end - at < mostBackslashes) end++;
  const escaped = text[end] ?? "";
  if (signs[escaped] === "quote") return { kind: "quote", end: end + 1 };
  // A line's end that is written out, unless it is a folder's name.
  if ((escaped === "n" || escaped === "r") && !/^[a-z]{2}\\/.test(text.slice(end, end + 4)))
    return { kind: "line", end: end + 1 };
  return undefined;
}
