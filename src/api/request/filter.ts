import { unseal } from "../../text/sealed.ts";
import { literal } from "./path.ts";

/**
 * A filter expression of Nomad's lists (hashicorp/go-bexpr), as a tree. Filters are joined and checked as trees only: text
 * that is put into parentheses can break out of them.
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | { readonly kind: "any" | "all"; readonly field: Field; readonly names: readonly string[]; readonly part: Filter }
  | { readonly kind: "compare"; readonly field: Field; readonly operator: Comparison; readonly value: string }
  | { readonly kind: "test"; readonly field: Field; readonly operator: Test };

/** The names on the way to a value: `Meta.team` is two of them. */
export type Field = readonly string[];

type Comparison = "==" | "!=" | "contains" | "not contains" | "matches" | "not matches";
type Test = "is empty" | "is not empty" | "is nil" | "is not nil";

/** Why a text is no filter, for the person who wrote it. */
export interface FilterFault {
  /** "expected == or another operator at character 9, before \"= 3\"" */
  readonly fault: string;
}

/** So deep expressions may be nested: go-bexpr's own reader takes exponentially long for each further level. */
const deepest = 8;

/** Reads a filter expression, sealed or not: any space of Unicode, and the end of a line, may separate its words. */
export function parseFilter(text: string): Filter | FilterFault {
  try {
    return new Reader(plainlySpaced(text)).whole();
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.message };
    throw error;
  }
}

/** With plain spaces between the words. What stands in quotes stays sealed, as all that is sent on. */
function plainlySpaced(text: string): string {
  return text.replaceAll(/`[^`]*`?|"[^"]*"?|[\u{100000}-\u{10ffff}]/gu, (part) =>
    /^\s$/.test(unseal(part)) ? " " : part,
  );
}

/** True where `parseFilter` gave no tree. */
export function isFault(parsed: Filter | FilterFault): parsed is FilterFault {
  return "fault" in parsed;
}

/** All of some filters together, those that are undefined left out. */
export function allOf(...parts: readonly (Filter | undefined)[]): Filter {
  const given = parts.filter((part) => part !== undefined);
  const [only, ...others] = given;
  return only !== undefined && others.length === 0 ? only : { kind: "and", parts: given };
}

/** A filter as Nomad reads it: the same tree again, whatever stands in its values. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case "and":
      return filter.parts.map((part) => inside(part, ["or", "and"])).join(" and ");
    case "or":
      return filter.parts.map((part) => inside(part, ["or"])).join(" or ");
    case "not":
      return `not ${inside(filter.part, ["or", "and"])}`;
    case "any":
    case "all":
      // Nomad's grammar takes these nowhere else than alone or in parentheses (seen on 2.0.6).
      return `(${filter.kind} ${fieldText(filter.field)} as ${filter.names.join(", ")} { ${filterText(filter.part)} })`;
    case "compare":
      return `${fieldText(filter.field)} ${filter.operator} ${literal(filter.value)}`;
    case "test":
      return `${fieldText(filter.field)} ${filter.operator}`;
  }
}

/** The fields that a filter looks at; those of `any` and `all` are told by the name of the whole. */
export function fieldsOf(filter: Filter): readonly Field[] {
  if ("parts" in filter) return filter.parts.flatMap(fieldsOf);
  if (filter.kind === "not") return fieldsOf(filter.part);
  return [filter.field];
}

/** A field as it is written: `Meta.team`, ``Meta[`a b`]``. */
export function fieldText([first = "", ...rest]: Field): string {
  return `${first}${rest.map((name) => (identifier.test(name) ? `.${name}` : `[${literal(name)}]`)).join("")}`;
}

function inside(filter: Filter, loose: readonly Filter["kind"][]): string {
  return loose.includes(filter.kind) ? `(${filterText(filter)})` : filterText(filter);
}

const identifier = /^[a-zA-Z][a-zA-Z0-9_/]*$/;

class Unreadable extends Error {}

/** Reads by go-bexpr's grammar (grammar.peg of v0.1.16), from left to right. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Filter {
    const filter = this.#either();
    if (this.#take(/\s*$/y) === undefined) throw this.#expected("and, or, or the end");
    return filter;
  }

  #either(): Filter {
    if (++this.#depth > deepest) throw new Unreadable("it is nested too deep");
    const parts = [this.#both()];
    while (this.#take(/\s+or(?=[\s(])/y) !== undefined) parts.push(this.#both());
    this.#depth--;
    return joined("or", parts);
  }

  #both(): Filter {
    const parts = [this.#one()];
    while (this.#take(/\s+and(?=[\s(])/y) !== undefined) parts.push(this.#one());
    return joined("and", parts);
  }

  #one(): Filter {
    this.#take(/\s*/y);
    let negated = false;
    while (this.#take(/not\s+/y) !== undefined) negated = !negated;
    const part = this.#take(/\(/y) === undefined ? (this.#each() ?? this.#match()) : this.#closed(/\s*\)/y, ")");
    return negated ? { kind: "not", part } : part;
  }

  #closed(end: RegExp, what: string): Filter {
    const filter = this.#either();
    if (this.#take(end) === undefined) throw this.#expected(what);
    return filter;
  }

  /** `any TaskGroups as g { ... }`; undefined where it is something else. */
  #each(): Filter | undefined {
    const kind = this.#take(/(?:any|all)(?=\s+[a-zA-Z"][^\s]*\s+as\s)/y);
    if (kind !== "any" && kind !== "all") return undefined;
    this.#take(/\s+/y);
    const field = this.#field();
    const names = this.#take(/\s+as\s+(?:_|[a-zA-Z][\w/]*)(?:\s*,\s*(?:_|[a-zA-Z][\w/]*))?\s*\{/y);
    if (field === undefined || names === undefined) throw this.#expected("a field, as, a name and {");
    const named = names.replace(/^\s+as\s+/, "").replace(/\s*\{$/, "");
    return { kind, field, names: named.split(/\s*,\s*/), part: this.#closed(/\s*\}/y, "}") };
  }

  #match(): Filter {
    const begin = this.#at;
    const value = this.#value();
    const within = value === undefined ? undefined : this.#take(/\s+(?:not\s+)?in\s+/y);
    if (value !== undefined && within !== undefined) {
      const field = this.#field();
      if (field === undefined) throw this.#expected("a field");
      return { kind: "compare", field, operator: /not/.test(within) ? "not contains" : "contains", value };
    }
    this.#at = begin;
    const field = this.#field();
    if (field === undefined) throw this.#expected("a field, a value or (");
    const test = this.#take(/\s+is\s+(?:not\s+)?(?:empty|nil)\b/y);
    if (test !== undefined) return { kind: "test", field, operator: operatorIn(tests, test) };
    const sign = this.#take(/\s*(?:==|!=)\s*|\s+(?:not\s+)?(?:contains|matches)\s+/y);
    if (sign === undefined) throw this.#expected(`one of ${[...comparisons, ...tests].join(", ")}`);
    const wanted = this.#value();
    if (wanted === undefined) throw this.#expected('a value, such as "web"');
    return { kind: "compare", field, operator: operatorIn(comparisons, sign), value: wanted };
  }

  #field(): Field | undefined {
    const pointer = this.#take(/"(?:\/[\p{L}\p{N}\-_.~:|]+)*"/uy);
    if (pointer !== undefined) {
      const names = pointer.slice(2, -1).split("/");
      return names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    }
    const first = this.#take(/[a-zA-Z][a-zA-Z0-9_/]*/y);
    if (first === undefined) return undefined;
    const names = [first];
    for (;;) {
      const next = this.#take(/\.(?:[a-zA-Z][a-zA-Z0-9_/]*|[0-9]+)/y);
      if (next !== undefined) names.push(next.slice(1));
      else if (this.#take(/\[\s*/y) === undefined) return names;
      else {
        const key = this.#quoted();
        if (key === undefined || this.#take(/\s*\]/y) === undefined) throw this.#expected('a name in quotes and "]"');
        names.push(key);
      }
    }
  }

  /** A text, a number, or words that are no field here: on this side they are text, too. */
  #value(): string | undefined {
    const number = this.#take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?=[\s)}]|$)/y);
    return number ?? this.#quoted() ?? this.#field()?.join(".");
  }

  #quoted(): string | undefined {
    const raw = this.#take(/`[^`]*`/y);
    if (raw !== undefined) return raw.slice(1, -1);
    const text = this.#take(/"[^"]*"/y);
    return text === undefined ? undefined : this.#unquoted(text.slice(1, -1));
  }

  /** As strconv.Unquote of Go has it. */
  #unquoted(text: string): string {
    return text.replaceAll(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.|$)/gsu, (_, code: string) => {
      const plain = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\" }[code];
      if (plain !== undefined) return plain;
      const point = /^[xuU]./.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
      if (code.length < 3 || !(point <= 0x10ffff)) throw new Unreadable(`\\${code} means nothing in a text`);
      return String.fromCodePoint(point);
    });
  }

  /** What stands here, and goes past it. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #expected(what: string): Unreadable {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const where = rest === "" ? "at its end" : `at character ${this.#at + 1}, before ${JSON.stringify(rest)}`;
    return new Unreadable(`expected ${what} ${where}`);
  }
}

const comparisons: readonly Comparison[] = ["==", "!=", "contains", "not contains", "matches", "not matches"];
const tests: readonly Test[] = ["is empty", "is not empty", "is nil", "is not nil"];

function operatorIn<T extends string>(operators: readonly T[], found: string): T {
  const words = found.trim().replaceAll(/\s+/g, " ");
  const operator = operators.find((each) => each === words);
  if (operator === undefined) throw new Unreadable(`${words} is no operator`);
  return operator;
}

function joined(kind: "and" | "or", parts: readonly Filter[]): Filter {
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0 ? only : { kind, parts };
}
