import { createParser, type Parse } from "./backtracking-parser.ts";

/** The operators of a filter, without their negations. */
export type Operator = "equal" | "in" | "matches" | "empty" | "nil";

/** A filter expression that was read. */
export type Filter =
  | { kind: "and"; left: Filter; right: Filter }
  | { kind: "or"; left: Filter; right: Filter }
  | { kind: "not"; inner: Filter }
  | { kind: "match"; path: string[]; operator: Operator; negated: boolean; value: string }
  | { kind: "any" | "all"; path: string[]; names: string[]; inner: Filter };

/** The grammar of hashicorp/go-bexpr: where nothing matches, what was expected there is the error, in Nomad's words. */
export function parseFilter(text: string): Filter | { error: string } {
  const { literal, char, all, first, many, maybe, map, end, broke, ...parser } = createParser(text);

  const space = many(char(/[ \t\r\n]/, "[ \\t\\r\\n]"), 1);
  const gap = maybe(space);
  const words = (...parts: string[]) => all(...parts.flatMap((word) => [space, literal(word)]));

  const identifier = map(
    all<string | string[]>(char(/[a-zA-Z]/, "[a-zA-Z]"), many(char(/[a-zA-Z0-9_/]/, "[a-zA-Z0-9_/]"))),
    ([head, tail]) => `${String(head)}${(tail as string[]).join("")}`,
  );
  const name = first(identifier, literal("_"));
  const enclosed = (mark: string, inside: RegExp) =>
    map(
      all<unknown>(literal(mark), many(char(inside, `[^${mark}]`)), () =>
        parser.rest() === "" ? broke('rule "string": Unterminated string literal') : literal(mark)(),
      ),
      ([, inner]) => (inner as string[]).join(""),
    );
  const raw = enclosed("`", /[^`]/u);
  const quoted = map(enclosed('"', /[^"]/u), unquote);
  const string = first(raw, quoted);
  const index = map(all<unknown>(literal("["), gap, string, gap, literal("]")), (parts) => String(parts[2]));
  const step = first(
    map(all<string>(literal("."), identifier), (parts) => String(parts[1])),
    index,
    map(all<unknown>(literal("."), many(char(/[0-9]/, "[0-9]"), 1)), ([, digits]) => (digits as string[]).join("")),
  );
  const segment = map(
    all<unknown>(literal("/"), many(char(/[\p{L}\p{N}\-_.~:|]/u, "[\\pL\\pN-_.~:|]"), 1)),
    ([, letters]) => (letters as string[]).join("").replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  const selector = first(
    map(all<unknown>(identifier, many(step)), ([head, rest]) => [String(head), ...(rest as string[])]),
    map(all<unknown>(literal('"'), many(segment), literal('"')), ([, parts]) => parts as string[]),
  );
  const number = map(
    all<unknown>(
      maybe(literal("-")),
      first(
        literal("0"),
        map(all<unknown>(char(/[1-9]/, "[1-9]"), many(char(/[0-9]/, "[0-9]"))), (parts) => parts.flat().join("")),
      ),
      maybe(map(all<unknown>(literal("."), many(char(/[0-9]/, "[0-9]"), 1)), (parts) => parts.flat().join(""))),
      () =>
        /^[\s)]|^$/.test(parser.rest())
          ? { value: "" }
          : broke('rule "number": Invalid number literal', parser.place() - 1),
    ),
    (parts) => parts.map((part) => part ?? "").join(""),
  );
  // a bare word or a pointer is taken as it stands
  const pathText = (path: string[], pointer: boolean) =>
    pointer && path.length > 0 ? `/${path.join("/")}` : path.join(".");
  const value = first(
    () => {
      const pointer = parser.peek() === '"';
      const got = selector();
      return got && { value: pathText(got.value, pointer) };
    },
    number,
    string,
  );

  const operator = <T>(part: Parse<T>, name: Operator, negated: boolean) =>
    map(part, () => ({ operator: name, negated }));
  const comparison = first(
    operator(all(gap, literal("=="), gap), "equal", false),
    operator(all(gap, literal("!="), gap), "equal", true),
    operator(all(words("contains"), space), "in", false),
    operator(all(words("not", "contains"), space), "in", true),
    operator(all(words("matches"), space), "matches", false),
    operator(all(words("not", "matches"), space), "matches", true),
  );
  const state = first(
    operator(words("is", "empty"), "empty", false),
    operator(words("is", "not", "empty"), "empty", true),
    operator(words("is", "nil"), "nil", false),
    operator(words("is", "not", "nil"), "nil", true),
  );
  const within = first(
    operator(all(words("in"), space), "in", false),
    operator(all(words("not", "in"), space), "in", true),
  );
  type Found = { operator: Operator; negated: boolean };
  const match = first<Filter>(
    map(all<unknown>(selector, comparison, value), ([path, found, wanted]) => ({
      kind: "match",
      path: path as string[],
      ...(found as Found),
      value: String(wanted),
    })),
    map(all<unknown>(selector, state), ([path, found]) => ({
      kind: "match",
      path: path as string[],
      ...(found as Found),
      value: "",
    })),
    map(
      all<unknown>(value, within, () => selector() ?? broke('rule "match": Invalid selector')),
      ([wanted, found, path]) => ({
        kind: "match",
        path: path as string[],
        ...(found as Found),
        value: String(wanted),
      }),
    ),
  );
  const grouped: Parse<Filter> = first<Filter>(
    map(
      all<unknown>(
        literal("("),
        gap,
        () => or(),
        gap,
        () => literal(")")() ?? broke('rule "grouping": Unmatched parentheses'),
      ),
      (parts) => parts[2] as Filter,
    ),
    match,
  );
  const not: Parse<Filter> = first<Filter>(
    map(
      all<unknown>(literal("not"), space, () => not()),
      (parts) => ({ kind: "not", inner: parts[2] as Filter }),
    ),
    grouped,
  );
  const and: Parse<Filter> = first<Filter>(
    map(
      all<unknown>(not, space, literal("and"), space, () => and()),
      (parts) => ({
        kind: "and",
        left: parts[0] as Filter,
        right: parts[4] as Filter,
      }),
    ),
    not,
  );
  const or: Parse<Filter> = first<Filter>(
    map(
      all<unknown>(and, space, literal("or"), space, () => or()),
      (parts) => ({
        kind: "or",
        left: parts[0] as Filter,
        right: parts[4] as Filter,
      }),
    ),
    and,
    // as Nomad's grammar has it: behind `and` it takes parentheses
    map(
      all<unknown>(
        first(literal("all"), literal("any")),
        space,
        selector,
        space,
        literal("as"),
        space,
        name,
        maybe(map(all<unknown>(gap, literal(","), gap, name), (parts) => String(parts[3]))),
        gap,
        literal("{"),
        gap,
        () => or(),
        gap,
        literal("}"),
      ),
      (parts) => ({
        kind: parts[0] === "all" ? "all" : "any",
        path: parts[2] as string[],
        names: [String(parts[6]), ...(parts[7] === undefined ? [] : [String(parts[7])])],
        inner: parts[11] as Filter,
      }),
    ),
  );
  const input = first<Filter>(
    map(all<unknown>(gap, literal("("), gap, or, gap, literal(")"), gap, end), (parts) => parts[3] as Filter),
    map(all<unknown>(gap, or, gap, end), (parts) => parts[1] as Filter),
  );
  const parsed = input();
  if (parsed) return parsed.value;
  return { error: parser.error() };
}

function unquote(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (_, code: string) => {
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r" }[code] ?? code;
  });
}
