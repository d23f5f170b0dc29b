import { mark, type Span } from "../../../secrets/secret-spans.ts";

/** A job file that can be shown: where it had a secret stands a variable. */
export interface ShownFile {
  readonly hcl: string;
  /** The names of the variables, in the order in which they stand in it. */
  readonly variables: readonly string[];
}

/** A job file with a variable in the place of each secret, and declared. `mask` knows them. */
export function withVariables(hcl: string, mask: (text: string) => string): ShownFile {
  // In a text of several lines quotes are its own.
  const inText = [...hcl.matchAll(/<<(\w+)\n[\s\S]*?\n\s*\1\n/g)].map(
    ({ index, 0: text }): Span => ({ start: index, end: index + text.length }),
  );
  const named = new Map<string, string>();
  const names = new Set<string>();
  let text = "";
  let end = 0;
  for (const span of maskedSpans(hcl, mask(hcl))) {
    const secret = hcl.slice(span.start, span.end);
    const name = named.get(secret) ?? unusedName(nameBefore(hcl, span.start), names);
    named.set(secret, name);
    names.add(name);
    const place = inText.some(({ start, end }) => start < span.start && span.start < end)
      ? within(span)
      : placeOf(hcl, span);
    text += hcl.slice(end, place.start) + (place.bare ? `var.${name}` : `\${var.${name}}`);
    end = place.end;
  }
  const declared = [...names].map((name) => `variable "${name}" {\n  type = string\n}\n\n`);
  return { hcl: declared.join("") + text + hcl.slice(end), variables: [...names] };
}

/** Where a text was masked: what stands between the marks stands in the text as well, in the same order. */
function maskedSpans(text: string, masked: string): Span[] {
  const [first = "", ...rest] = masked.split(mark);
  let start = first.length;
  return rest.map((kept, at) => {
    const last = at === rest.length - 1;
    const end = last ? text.length - kept.length : text.indexOf(kept, start + 1);
    const span = { start, end: Math.max(start, end) };
    start = span.end + kept.length;
    return span;
  });
}

/** The stretch that a variable takes the place of. `bare`: it is the whole value, with its quotes where it has some. */
type Place = Span & { readonly bare: boolean };

const within = (span: Span): Place => ({ ...span, bare: false });

function placeOf(hcl: string, { start, end }: Span): Place {
  if (/(?:^|[^\\])"$/.test(hcl.slice(Math.max(0, start - 2), start)) && hcl[end] === '"') {
    return { start: start - 1, end: end + 1, bare: true };
  }
  return { start, end, bare: /[=[,] *$/.test(hcl.slice(0, start)) && /^[\n,\]]/.test(hcl.slice(end)) };
}

/** What a secret is called: the name that it is assigned to, else the word before it. */
function nameBefore(hcl: string, at: number): string {
  const line = hcl.slice(hcl.lastIndexOf("\n", at - 1) + 1, at);
  const [, assigned] = /^\s*(?:export\s+)?"?([A-Za-z][\w.-]*)"?\s*[=:]/.exec(line) ?? [];
  const [word = "secret"] = assigned === undefined ? (line.match(/[A-Za-z][\w-]*/g)?.slice(-1) ?? []) : [assigned];
  return word.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
}

function unusedName(name: string, used: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}_${count}`;
    if (!used.has(candidate)) return candidate;
  }
}
