/** A stretch of a text, in UTF-16 units, `end` not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A secret found in a text, with the name that it was assigned to where it has one. */
export interface Finding extends Span {
  readonly name?: string | undefined;
}

/** Adds a finding behind others of the same text; words of one value, one beside the other, become one finding. */
export function addFinding(found: Finding[], text: string, finding: Finding): void {
  const last = found.at(-1);
  const beside =
    last !== undefined &&
    finding.start >= last.start &&
    /^(?:[^\S\n]{1,8}|[;,=]|)$/.test(text.slice(last.end, finding.start));
  if (beside) found[found.length - 1] = { ...last, end: Math.max(finding.end, last.end) };
  else found.push(finding);
}

/** What stands in place of a secret. */
export const mark = "[masked]";

/** The text with a {@link mark} in place of each stretch; those that overlap or touch become one. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const ordered = spans.toSorted((one, other) => one.start - other.start);
  const kept: string[] = [];
  let end = -1;
  for (const span of ordered) {
    if (span.start > end) kept.push(text.slice(Math.max(0, end), span.start), mark);
    end = Math.max(end, span.end);
  }
  return kept.join("") + text.slice(end);
}
