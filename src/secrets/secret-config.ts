import { type ConfigToken, readConfig } from "./config-tokens.ts";
import {
  assignedName,
  generic,
  isBeforeSign,
  isLabel,
  isPath,
  isSaid,
  isWhole,
  longestAssignment,
  naming,
  type Rule,
  randomParts,
  ruleOf,
  secretLiterals,
  spoken,
} from "./config-words.ts";
import { holdsCredentials } from "./secret-encoded.ts";
import { isCryptHash, isRandom } from "./secret-looks.ts";
import { isOpenName } from "./secret-names.ts";
import { type Finding, mark } from "./secret-spans.ts";
import { isQuantity, isReference, looksSecret } from "./secret-values.ts";

/**
 * The secrets in a text that configures something, in whatever language: the data of a template, a job's source. Here the
 * burden of proof is on what is shown. A literal that looks random is secret, and so is every word behind a secret name in
 * the same line or block, whatever stands between. What is filled in elsewhere (`{{ ... }}`) stays, but for its literals;
 * so do paths, numbers and durations.
 *
 * `behind: false`: what looks random only, for texts that may be sentences.
 */
export function secretsInConfig(text: string, { behind = true } = {}): Finding[] {
  const scan = new ConfigScan(text, behind);
  readConfig(text, (token) => scan.take(token));
  return scan.found;
}

interface Domain {
  readonly rule: Rule;
  readonly name: string;
  readonly depth: number;
  /** The name was followed by a sign (`=`, `:`), so that the next name of its line has a value of its own. */
  assigned: boolean;
  /** The value of an option ends its domain. */
  readonly flag: boolean;
  /** A value was seen. */
  used: boolean;
}

/** A domain of several lines. */
interface Block {
  readonly domain: Domain;
  readonly until: "depth" | "indent" | "section" | "element";
  readonly level: number;
}

class ConfigScan {
  readonly found: Finding[] = [];
  readonly #text: string;
  readonly #behind: boolean;
  #line: Domain | undefined;
  #block: Block | undefined;
  #depth = 0;
  #lineStart = 0;
  /** Nothing but spaces and signs of a list stood in this line yet. */
  #fresh = true;
  #comment = false;
  /** The quotes that are open, the outer one first, and where a secret began behind each. */
  readonly #quotes: { readonly sign: string; secret: number | undefined }[] = [];
  /** The last name that may turn out to be assigned something: a quoted one, or one before a space. */
  #name: { readonly text: string; readonly end: number; readonly domain: Domain | undefined } | undefined;
  /** The key whose value comes next. */
  #key: string | undefined;
  /** A secret name that was itself a value (`name: DB_PASSWORD`): what is called its value comes in another place. */
  #spoken: string | undefined;
  /** The token before this one. */
  #last: ConfigToken | undefined;

  constructor(text: string, behind: boolean) {
    this.#text = text;
    this.#behind = behind;
  }

  take(token: ConfigToken): void {
    if (this.#fresh && token.kind !== "line") this.#beginLine(token);
    if (token.kind === "line") this.#endLine(token);
    else if (token.kind === "filled") this.#takeFilled(token);
    else if (token.kind === "quote") this.#takeQuote(token);
    else if (token.kind === "bracket") this.#takeBracket(token);
    else if (token.kind === "comma") this.#takeComma(token);
    else this.#takeWord(token.start, token.end);
    this.#last = token;
  }

  /** A block of lines ends where one stands as far left as the line that began it. */
  #beginLine(token: ConfigToken): void {
    this.#fresh = false;
    const block = this.#block;
    if (block === undefined) return;
    const item = /^-\s/.test(this.#text.slice(token.start, token.start + 2));
    if (block.until === "indent" && token.start - this.#lineStart + (item ? 1 : 0) <= block.level)
      this.#block = undefined;
    if (block.until === "section" && this.#text[token.start] === "[") this.#block = undefined;
  }

  #endLine(token: ConfigToken): void {
    const continued = this.#last !== undefined && this.#text[this.#last.end - 1] === "\\";
    if (this.#line?.rule === "all" && !continued) this.#block = this.#blockOf(this.#line) ?? this.#block;
    if (!continued) this.#line = undefined;
    this.#fresh = true;
    this.#comment = false;
    this.#lineStart = token.end;
    this.#key = undefined;
    this.#name = undefined;
    // No string goes on behind the end of a line, unless that is written inside it.
    if (this.#text[token.start] === "\n") this.#quotes.length = 0;
    this.#endSecretInQuotes();
  }

  /** What a line opens whose secret name has its values below. */
  #blockOf(domain: Domain): Block | undefined {
    if (this.#depth > domain.depth) return { domain, until: "depth", level: domain.depth };
    if (domain.used) return undefined;
    const last = this.#last;
    const line = this.#text.slice(this.#lineStart, last?.end ?? this.#lineStart).trim();
    if (/^\[.{0,200}\]$/.test(line)) return { domain, until: "section", level: 0 };
    if (/^<[^/].{0,200}>$/.test(line)) return { domain, until: "element", level: 0 };
    const indent = /^[ \t|+-]{0,200}/.exec(this.#text.slice(this.#lineStart, this.#lineStart + 200))?.[0].length ?? 0;
    return domain.assigned || line.endsWith(":") ? { domain, until: "indent", level: indent } : undefined;
  }

  #takeFilled({ start, end }: ConfigToken): void {
    this.#key = undefined;
    const rule = (this.#line ?? this.#block?.domain)?.rule;
    if (this.#line) this.#line.used = true;
    this.#endSecretInQuotes();
    const inside = this.#text.slice(start, end);
    for (const literal of secretLiterals(inside, rule)) this.#add(start + literal.start, start + literal.end);
  }

  #takeQuote({ start, end }: ConfigToken): void {
    const sign = this.#text.slice(start, end);
    const open = this.#quotes.findIndex((quote) => quote.sign === sign);
    if (open < 0) {
      // An apostrophe inside a word quotes nothing.
      const inWord = this.#last?.kind === "word" && this.#last.end === start && /\w/.test(this.#text[end] ?? "");
      if (!(sign === "'" && inWord) && this.#quotes.length < mostQuotes) this.#quotes.push({ sign, secret: undefined });
      return;
    }
    const secret = this.#quotes[open]?.secret;
    this.#quotes.length = open;
    // Of a secret in quotes all is secret, spaces and signs included.
    if (secret !== undefined) this.#add(secret, start);
  }

  #endSecretInQuotes(): void {
    for (const quote of this.#quotes) quote.secret = undefined;
  }

  #takeBracket({ start }: ConfigToken): void {
    const sign = this.#text[start] ?? "";
    if ("([{".includes(sign)) this.#depth++;
    if (")]}".includes(sign)) {
      this.#depth = Math.max(0, this.#depth - 1);
      if (this.#block?.until === "depth" && this.#depth <= this.#block.level) this.#block = undefined;
      if (this.#line && this.#depth < this.#line.depth) this.#line = undefined;
      this.#spoken = undefined;
    }
    if (sign === "<" && this.#text[start + 1] === "/") {
      if (this.#block?.until === "element") this.#block = undefined;
      if (this.#line && !this.#line.assigned) this.#line = undefined;
    }
  }

  #takeComma({ start, end }: ConfigToken): void {
    this.#key = undefined;
    if (this.#text[start] === ";" && /^\s/.test(this.#text.slice(end, end + 1))) this.#endStatement();
  }

  /** `;`, `|` and `&&` end what a name without a sign says. */
  #endStatement(): void {
    if (this.#line && !this.#line.assigned) this.#line = undefined;
  }

  /** A word with the names in front of it: `a`, `a=b`, `a.b:`, `--a=b`, `:b` behind a name in quotes. */
  #takeWord(from: number, end: number): void {
    let start = from;
    if (this.#isComment(start, end)) this.#comment = true;
    if (/^(?:\||&&)$/.test(this.#text.slice(start, Math.min(end, start + 3)))) this.#endStatement();
    const sign = /^(?:=>|:=|->|\|\|=|\?=|[=:])(?!\/\/)/.exec(this.#text.slice(start, start + 4))?.[0];
    const port = this.#text[start - 1] === "]" && /^:\d/.test(this.#text.slice(start, start + 2));
    if (sign !== undefined && !port) {
      if (this.#name !== undefined && this.#isNear(this.#name.end, start))
        this.#assign(this.#name.text, this.#name.domain);
      start += sign.length;
    }
    const nameAt = () => assignedName(this.#text.slice(start, Math.min(end, start + longestAssignment)), end - start);
    for (let peeled = nameAt(); peeled !== undefined; peeled = nameAt()) {
      this.#assign(peeled.name, undefined, peeled.flag);
      start += peeled.length;
    }
    this.#name = undefined;
    if (start < end) this.#takeValue(start, end, start > from);
  }

  #assign(name: string, begun: Domain | undefined, flag = false): void {
    this.#key = name;
    this.#endSecretInQuotes();
    if (begun !== undefined) {
      begun.assigned = true;
      return;
    }
    const rule = ruleOf(name);
    if (rule !== undefined) {
      this.#line = this.#domain(rule, name, flag, true);
    } else if (generic.test(name)) {
      if (this.#spoken !== undefined) this.#line = this.#domain("all", this.#spoken, false, true);
    } else if (isOpenName(name)) {
      this.#line = this.#domain("open", name, flag, true);
    } else if (this.#line !== undefined && this.#depth <= this.#line.depth && this.#line.assigned) {
      this.#line = undefined;
    }
    if (naming.test(name)) this.#spoken = undefined;
  }

  #domain(rule: Rule, name: string, flag: boolean, assigned: boolean): Domain {
    return { rule, name, depth: this.#depth, assigned, flag, used: false };
  }

  /** Of a text that may be a sentence only what is written right behind its name is assigned to it: `token=x`. */
  #ruleHere(attached: boolean): Rule | undefined {
    if (this.#behind) return (this.#line ?? this.#block?.domain)?.rule;
    return this.#line?.rule === "open" || (attached && this.#line?.assigned) ? this.#line.rule : undefined;
  }

  #takeValue(start: number, end: number, attached: boolean): void {
    const word = this.#text.slice(start, end);
    const key = this.#key;
    this.#key = undefined;
    const flag = /^--?([A-Za-z][\w.-]{0,63})$/.exec(word)?.[1];
    if (flag !== undefined && !(this.#line?.rule === "all" && this.#line.assigned && !this.#line.used)) {
      this.#beginFlag(flag, start, end);
      return;
    }
    const rule = this.#ruleHere(attached);
    if (this.#takesName(word, start, end, key, rule)) return;
    this.#judge(start, end, rule, key);
    if (this.#line) {
      this.#line.used = true;
      if (this.#line.flag) this.#line = undefined;
    }
  }

  #beginFlag(flag: string, start: number, end: number): void {
    const rule = /^[pP]$/.test(flag) ? "looks" : ruleOf(flag);
    if (rule !== undefined) this.#line = this.#domain(rule, flag, true, false);
    else if (isOpenName(flag)) this.#line = this.#domain("open", flag, true, false);
    else this.#line = undefined;
    this.#name = { text: this.#text.slice(start, end), end, domain: this.#line };
  }

  /** True where the word is a name and no value. */
  #takesName(word: string, start: number, end: number, key: string | undefined, rule: Rule | undefined): boolean {
    if (!/^[\p{L}_][\p{L}\p{N}_.-]{0,63}$/u.test(word)) return false;
    // Before a sign stands a name, whatever it is.
    const kind = /^authenticate$/i.test(word) ? "looks" : ruleOf(word);
    if (isBeforeSign(this.#text, end)) {
      this.#name = { text: word, end, domain: undefined };
      return true;
    }
    if (kind === undefined || (rule === "all" && key !== undefined)) return false;
    // A path, an image and a call have names in them that assign nothing.
    if (/[/.@]/.test(this.#text[start - 1] ?? "") || /[/@.]/.test(this.#text[end] ?? "")) return false;
    if (key !== undefined && isWhole(this.#text, start, end)) {
      if (naming.test(key)) this.#spoken = word;
      return true;
    }
    if (rule === "all" && kind !== "all") return false;
    if (
      this.#comment ||
      isLabel(this.#text, this.#lineStart, start, end) ||
      (this.#line?.rule === "open" && spoken.test(this.#line.name))
    )
      return true;
    const called = /^auth(?:enticate)?$/i.test(word) && this.#text[end] === "(";
    const domain = this.#domain(called ? "all" : kind, word, false, false);
    // Of an index and a call the value stands behind its bracket: `env["TOKEN"] = x`, `[passwords]`.
    const inside = /[([]["'`]?$/.test(this.#text.slice(Math.max(0, start - 2), start));
    this.#line = inside ? { ...domain, depth: Math.max(0, this.#depth - 1) } : domain;
    this.#name = { text: word, end, domain: this.#line };
    return true;
  }

  #judge(start: number, end: number, rule: Rule | undefined, key: string | undefined): void {
    // What is short is no secret by its looks, and most words are.
    if (rule === undefined && end - start < shortestRandom) return;
    const word = this.#text.slice(start, end);
    // A call, or the head of a block.
    if (
      this.#text[end] === "(" ||
      (this.#quotes.length === 0 && /^\s{1,4}\{(?!\{)/.test(this.#text.slice(end, end + 6)))
    )
      return;
    if (this.#text.slice(start - 2, start) === "<<") return;
    if (word === "" || word === mark || isReference(word) || !/[\p{L}\p{N}]/u.test(word)) return;
    if (isCryptHash(word) || holdsCredentials(word)) {
      this.#add(start, end);
      return;
    }
    if (word.includes("://")) {
      if (rule !== "open" || /hook/i.test(this.#line?.name ?? "")) this.#addRandom(word, start);
      return;
    }
    if (rule === "open") return;
    if (rule === undefined ? !isRandom(word) : isPath(word) || isQuantity(word)) return;
    if (rule === "all" && !this.#comment) {
      if (word.length === 1 || isSaid(word, this.#quotes.length === 0 && this.#line?.assigned === false)) return;
      this.#add(start, end);
      const quote = this.#quotes.at(-1);
      if (quote !== undefined) quote.secret ??= start;
    } else if (rule !== undefined && looksSecret(word, 6)) {
      this.#add(start, end);
    } else if (!(key !== undefined && isOpenName(key))) {
      this.#addRandom(word, start);
    }
  }

  #addRandom(word: string, start: number): void {
    for (const part of randomParts(word)) this.#add(start + part.start, start + part.end);
  }

  #isComment(start: number, end: number): boolean {
    const word = this.#text.slice(start, Math.min(end, start + 4));
    if (this.#quotes.length > 0 || !/^(?:#|\/\/|\/\*|--$|<!--|rem$)/i.test(word)) return this.#comment;
    return start === this.#lineStart || /\s/.test(this.#text[start - 1] ?? "");
  }

  #isNear(end: number, start: number): boolean {
    return start - end <= 48 && /^(?:\\{0,7}["'`])?\]?\s*$/.test(this.#text.slice(end, start));
  }

  #add(start: number, end: number): void {
    const name = (this.#line ?? this.#block?.domain)?.name;
    const last = this.found.at(-1);
    // Words of one value, one beside the other.
    if (
      last !== undefined &&
      start >= last.start &&
      /^(?:[^\S\n]{1,8}|[;,=]|)$/.test(this.#text.slice(last.end, start))
    ) {
      this.found[this.found.length - 1] = { ...last, end: Math.max(end, last.end) };
      return;
    }
    this.found.push({ start, end, name });
  }
}

/** Shorter words are not random; characters. */
const shortestRandom = 8;
/** Deeper than this nobody quotes. */
const mostQuotes = 8;
