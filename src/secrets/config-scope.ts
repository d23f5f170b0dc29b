import type { ConfigToken } from "./config-tokens.ts";
import type { Rule } from "./config-words.ts";

/** A name, and how it judges what follows it. */
export interface Domain {
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

/** Which name rules at a place of a text that configures something: one of its line, else one whose block is around it. */
export class ConfigScope {
  /** The name that rules in this line. */
  line: Domain | undefined;
  /** So many brackets are open. */
  depth = 0;
  readonly #text: string;
  #block: Block | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get ruling(): Domain | undefined {
    return this.line ?? this.#block?.domain;
  }

  domain(rule: Rule, name: string, flag: boolean, assigned: boolean): Domain {
    return { rule, name, depth: this.depth, assigned, flag, used: false };
  }

  /** To be told where the first piece of a line stands. A block of lines ends where one stands as far left as its first. */
  beginLine(start: number, lineStart: number): void {
    const block = this.#block;
    if (block === undefined) return;
    const item = /^-\s/.test(this.#text.slice(start, start + 2));
    if (block.until === "indent" && start - lineStart + (item ? 1 : 0) <= block.level) this.#block = undefined;
    if (block.until === "section" && this.#text[start] === "[") this.#block = undefined;
  }

  /** To be told of the end of a line; `last`: its last piece. */
  endLine(last: ConfigToken | undefined, lineStart: number): void {
    if (last !== undefined && this.#text[last.end - 1] === "\\") return;
    if (this.line?.rule === "all") this.#block = this.#blockOf(this.line, last, lineStart) ?? this.#block;
    this.line = undefined;
  }

  /** What a line opens whose secret name has its values below. */
  #blockOf(domain: Domain, last: ConfigToken | undefined, lineStart: number): Block | undefined {
    if (this.depth > domain.depth) return { domain, until: "depth", level: domain.depth };
    if (domain.used) return undefined;
    const line = this.#text.slice(lineStart, last?.end ?? lineStart).trim();
    if (/^\[.{0,200}\]$/.test(line)) return { domain, until: "section", level: 0 };
    if (/^<[^/].{0,200}>$/.test(line)) return { domain, until: "element", level: 0 };
    const indent = /^[ \t|+-]{0,200}/.exec(this.#text.slice(lineStart, lineStart + 200))?.[0].length ?? 0;
    return domain.assigned || line.endsWith(":") ? { domain, until: "indent", level: indent } : undefined;
  }

  /** To be told of a bracket: what was opened inside of one ends with it. */
  bracket(start: number): void {
    const sign = this.#text[start] ?? "";
    if ("([{".includes(sign)) this.depth++;
    if (")]}".includes(sign)) {
      this.depth = Math.max(0, this.depth - 1);
      if (this.#block?.until === "depth" && this.depth <= this.#block.level) this.#block = undefined;
      if (this.line && this.depth < this.line.depth) this.line = undefined;
    }
    if (sign === "<" && this.#text[start + 1] === "/") {
      if (this.#block?.until === "element") this.#block = undefined;
      if (this.line && !this.line.assigned) this.line = undefined;
    }
  }

  /** `;`, `|` and `&&` end what a name without a sign says. */
  endStatement(): void {
    if (this.line && !this.line.assigned) this.line = undefined;
  }
}
