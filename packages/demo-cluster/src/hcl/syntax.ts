/** A stretch of the source: offsets, the end not included. */
export interface Span {
  from: number;
  to: number;
}

/** What an expression is made of. `start` is what messages about the whole of it point at. */
export type Expression = { span: Span; start: Span } & (
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "template"; parts: (string | Expression)[]; wrapped: boolean }
  | { kind: "tuple"; items: Expression[] }
  | { kind: "object"; items: { key: Expression; value: Expression }[] }
  | { kind: "traversal"; root: string; steps: Step[] }
  | { kind: "call"; name: string; args: Expression[]; nameSpan: Span }
);

/** One step into a value: `.name` or `[key]`. */
export interface Step {
  key: string | number | Expression;
  span: Span;
}

/** `name = expression` */
export interface Attribute {
  name: string;
  nameSpan: Span;
  value: Expression;
  span: Span;
}

/** `type "label" { ... }` */
export interface Block {
  type: string;
  typeSpan: Span;
  labels: { text: string; span: Span }[];
  body: Body;
  /** The header, from the type to the last label. */
  header: Span;
  open: Span;
}

/** What stands in a file or between the braces of a block. */
export interface Body {
  attributes: Attribute[];
  blocks: Block[];
  span: Span;
}

/** Something wrong with the source, where it stands; without a place where Nomad names none. */
export interface Diagnostic {
  span: Span | undefined;
  summary: string;
  detail: string;
}

/** The source cannot be read on from here. */
export class SyntaxProblem extends Error {
  readonly diagnostic: Diagnostic;
  constructor(span: Span, summary: string, detail: string) {
    super(summary);
    this.diagnostic = { span, summary, detail };
  }
}

/** `input.hcl:4,16-5,1: Summary; Detail`, as HCL writes it. */
export function describe(source: string, { span, summary, detail }: Diagnostic): string {
  if (!span) return `<nil>: ${summary}; ${detail}`;
  return `${place(source, span)}: ${summary}; ${detail}`;
}

/** A span in words: file, line, columns. */
export function place(source: string, span: Span): string {
  const spot = (offset: number) => {
    const before = source.slice(0, offset);
    const line = before.split("\n").length;
    return { line, column: [...before.slice(before.lastIndexOf("\n") + 1)].length + 1 };
  };
  const from = spot(span.from);
  const to = spot(span.to);
  const end = from.line === to.line ? `${to.column}` : `${to.line},${to.column}`;
  return `input.hcl:${from.line},${from.column}-${end}`;
}
