import { judgeWord } from "./config-judge.ts";
import { OpenQuotes } from "./config-quotes.ts";
import { ConfigScope, type Domain } from "./config-scope.ts";
import { type ConfigToken, readConfig } from "./config-tokens.ts";
import {
  assignedName,
  beginsComment,
  generic,
  isBeforeSign,
  isLabel,
  isNear,
  isWhole,
  longestAssignment,
  naming,
  type Rule,
  ruleOf,
  secretLiterals,
  spoken,
} from "./config-words.ts";
import { isOpenName } from "./secret-names.ts";
import { addFinding, type Finding } from "./secret-spans.ts";
import type { Steps } from "./steps.ts";

/**
 * The secrets in a text that configures something, in whatever language: the data of a template, a job's source. Here the
 * burden of proof is on what is shown. A literal that looks random is secret, and so is every word behind a secret name in
 * the same line or block, whatever stands between. What is filled in elsewhere (`{{ ... }}`) stays, but for its literals;
 * so do paths, numbers and durations. `behind: false`: what looks random only, for texts that may be sentences.
 */
export function* secretsInConfig(text: string, { behind = true } = {}): Steps<Finding[]> {
  const scan = new ConfigScan(text, behind);
  for (const token of readConfig(text)) {
    scan.take(token);
    yield;
  }
  return scan.found;
}

class ConfigScan {
  readonly found: Finding[] = [];
  readonly #text: string;
  readonly #behind: boolean;
  readonly #scope: ConfigScope;
  #lineStart = 0;
  /** Nothing but spaces and signs of a list stood in this line yet. */
  #fresh = true;
  #comment = false;
  readonly #quotes = new OpenQuotes();
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
    this.#scope = new ConfigScope(text);
  }

  take(token: ConfigToken): void {
    if (this.#fresh && token.kind !== "line") this.#scope.beginLine(token.start, this.#lineStart);
    this.#fresh &&= token.kind === "line";
    if (token.kind === "line") this.#endLine(token);
    else if (token.kind === "filled") this.#takeFilled(token);
    else if (token.kind === "quote") this.#takeQuote(token);
    else if (token.kind === "bracket") this.#takeBracket(token);
    else if (token.kind === "comma") this.#takeComma(token);
    else this.#takeWord(token.start, token.end);
    this.#last = token;
  }

  #endLine(token: ConfigToken): void {
    this.#scope.endLine(this.#last, this.#lineStart);
    this.#fresh = true;
    this.#comment = false;
    this.#lineStart = token.end;
    this.#key = undefined;
    this.#name = undefined;
    // No string goes on behind the end of a line, unless that is written inside it.
    if (this.#text[token.start] === "\n") this.#quotes.closeAll();
    this.#quotes.endSecrets();
  }

  #takeFilled({ start, end }: ConfigToken): void {
    this.#key = undefined;
    const rule = this.#scope.ruling?.rule;
    if (this.#scope.line) this.#scope.line.used = true;
    this.#quotes.endSecrets();
    const inside = this.#text.slice(start, end);
    for (const literal of secretLiterals(inside, rule)) this.#add(start + literal.start, start + literal.end);
  }

  #takeQuote({ start, end }: ConfigToken): void {
    const sign = this.#text.slice(start, end);
    if (this.#quotes.closes(sign)) {
      const secret = this.#quotes.close(sign);
      if (secret !== undefined) this.#add(secret, start);
      return;
    }
    // An apostrophe inside a word quotes nothing.
    const inWord = this.#last?.kind === "word" && this.#last.end === start && /\w/.test(this.#text[end] ?? "");
    if (!(sign === "'" && inWord)) this.#quotes.open(sign);
  }

  #takeBracket({ start }: ConfigToken): void {
    this.#scope.bracket(start);
    if (")]}".includes(this.#text[start] ?? "")) this.#spoken = undefined;
  }

  #takeComma({ start, end }: ConfigToken): void {
    this.#key = undefined;
    if (this.#text[start] === ";" && /^\s/.test(this.#text.slice(end, end + 1))) this.#scope.endStatement();
  }

  /** A word with the names in front of it: `a`, `a=b`, `a.b:`, `--a=b`, `:b` behind a name in quotes. */
  #takeWord(from: number, end: number): void {
    let start = from;
    if (!this.#quotes.any) this.#comment ||= beginsComment(this.#text, this.#lineStart, start, end);
    if (/^(?:\||&&)$/.test(this.#text.slice(start, Math.min(end, start + 3)))) this.#scope.endStatement();
    const sign = /^(?:=>|:=|->|\|\|=|\?=|[=:])(?!\/\/)/.exec(this.#text.slice(start, start + 4))?.[0];
    const port = this.#text[start - 1] === "]" && /^:\d/.test(this.#text.slice(start, start + 2));
    if (sign !== undefined && !port) {
      if (this.#name !== undefined && isNear(this.#text, this.#name.end, start))
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
    this.#quotes.endSecrets();
    if (begun !== undefined) {
      begun.assigned = true;
      return;
    }
    const rule = ruleOf(name);
    if (rule !== undefined) {
      this.#scope.line = this.#scope.domain(rule, name, flag, true);
    } else if (generic.test(name)) {
      if (this.#spoken !== undefined) this.#scope.line = this.#scope.domain("all", this.#spoken, false, true);
    } else if (isOpenName(name)) {
      this.#scope.line = this.#scope.domain("open", name, flag, true);
    } else if (
      this.#scope.line !== undefined &&
      this.#scope.depth <= this.#scope.line.depth &&
      this.#scope.line.assigned
    ) {
      this.#scope.line = undefined;
    }
    if (naming.test(name)) this.#spoken = undefined;
  }

  /** Of a text that may be a sentence only what is written right behind its name is assigned to it: `token=x`. */
  #ruleHere(attached: boolean): Rule | undefined {
    if (this.#behind) return this.#scope.ruling?.rule;
    return this.#scope.line?.rule === "open" || (attached && this.#scope.line?.assigned)
      ? this.#scope.line.rule
      : undefined;
  }

  #takeValue(start: number, end: number, attached: boolean): void {
    const word = this.#text.slice(start, end);
    const key = this.#key;
    this.#key = undefined;
    const flag = /^--?([A-Za-z][\w.-]{0,63})$/.exec(word)?.[1];
    if (
      flag !== undefined &&
      !(this.#scope.line?.rule === "all" && this.#scope.line.assigned && !this.#scope.line.used)
    ) {
      this.#beginFlag(flag, start, end);
      return;
    }
    const rule = this.#ruleHere(attached);
    if (this.#takesName(word, start, end, key, rule)) return;
    this.#judge(start, end, rule, key);
    if (this.#scope.line) {
      this.#scope.line.used = true;
      if (this.#scope.line.flag) this.#scope.line = undefined;
    }
  }

  #beginFlag(flag: string, start: number, end: number): void {
    const rule = /^[pP]$/.test(flag) ? "looks" : ruleOf(flag);
    if (rule !== undefined) this.#scope.line = this.#scope.domain(rule, flag, true, false);
    else if (isOpenName(flag)) this.#scope.line = this.#scope.domain("open", flag, true, false);
    else this.#scope.line = undefined;
    this.#name = { text: this.#text.slice(start, end), end, domain: this.#scope.line };
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
      (this.#scope.line?.rule === "open" && spoken.test(this.#scope.line.name))
    )
      return true;
    const called = /^auth(?:enticate)?$/i.test(word) && this.#text[end] === "(";
    const domain = this.#scope.domain(called ? "all" : kind, word, false, false);
    // Of an index and a call the value stands behind its bracket: `env["TOKEN"] = x`, `[passwords]`.
    const inside = /[([]["'`]?$/.test(this.#text.slice(Math.max(0, start - 2), start));
    this.#scope.line = inside ? { ...domain, depth: Math.max(0, this.#scope.depth - 1) } : domain;
    this.#name = { text: word, end, domain: this.#scope.line };
    return true;
  }

  #judge(start: number, end: number, rule: Rule | undefined, key: string | undefined): void {
    // What is short is no secret by its looks, and most words are.
    if (rule === undefined && end - start < shortestRandom) return;
    const place = { rule, key, domain: this.#scope.line, quoted: this.#quotes.any, comment: this.#comment };
    const judged = judgeWord(this.#text, { start, end }, place);
    for (const span of judged.spans) this.#add(span.start, span.end);
    if (judged.begins) this.#quotes.beginSecret(start);
  }

  #add(start: number, end: number): void {
    addFinding(this.found, this.#text, { start, end, name: this.#scope.ruling?.name });
  }
}

/** Shorter words are not random; characters. */
const shortestRandom = 8;
