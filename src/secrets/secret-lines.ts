import { clean } from "../text/untrusted.ts";
import { oldestFirst } from "./oldest-first.ts";
import { shortestForm } from "./secret-forms.ts";
import { createIndex } from "./secret-index.ts";
import { isDistinctive } from "./secret-looks.ts";
import type { Span } from "./secret-spans.ts";
import { detached } from "./secret-values.ts";
import type { Steps } from "./steps.ts";

/** Lines that were seen with secrets in them which are too plain to be masked wherever they stand. */
export interface Lines {
  add(text: string, found: readonly Span[]): Steps<void>;
  /** Where such a line stands again, whole or cut at its end: the places of its secrets. */
  find(text: string): Span[];
}

/** Characters. */
const longestLine = 1_024;

/** Of more than `most` lines the oldest go. */
export function createLines(most: number): Lines {
  const index = createIndex();
  // The order of a Map is that in which its keys came: the first is the oldest.
  const kept = new Map<string, readonly Span[]>();
  const oldest = oldestFirst(kept);
  let short = 0;

  function keep(line: string, places: readonly Span[]): void {
    if (!kept.delete(line)) {
      index.add(line);
      if (line.length < shortestForm) short++;
    }
    kept.set(detached(line), places);
    const gone = kept.size > most ? oldest() : undefined;
    if (gone === undefined) return;
    kept.delete(gone);
    index.remove(gone);
    if (gone.length < shortestForm) short--;
  }

  function* add(text: string, found: readonly Span[]): Steps<void> {
    const plain: Span[] = [];
    for (const span of found) {
      yield;
      if (!isDistinctive(text.slice(span.start, span.end))) plain.push(span);
    }
    plain.sort((one, other) => one.start - other.start);
    let next = 0;
    for (let start = 0; start < text.length && next < plain.length; ) {
      yield;
      const newline = text.indexOf("\n", start);
      const end = newline < 0 ? text.length : newline;
      const here: Span[] = [];
      // What goes over the end of a line ends with it.
      for (let at = next; at < plain.length && (plain[at]?.start ?? end) < end; at++) {
        const span = plain[at];
        if (span !== undefined && span.end > start)
          here.push({ start: Math.max(start, span.start), end: Math.min(end, span.end) });
      }
      while (next < plain.length && (plain[next]?.end ?? 0) <= end) next++;
      if (here.length > 0)
        addLine(
          text.slice(start, end),
          here.map((span) => ({ start: span.start - start, end: span.end - start })),
        );
      start = end + 1;
    }
  }

  function addLine(line: string, places: readonly Span[]): void {
    for (const write of waysToWrite(line)) {
      // Each piece is written for itself, so that its place in what is written is known.
      const written: Span[] = [];
      let shown = "";
      let at = 0;
      for (const { start, end } of places) {
        shown += write(line.slice(at, start));
        const from = shown.length;
        shown += write(line.slice(start, end));
        written.push({ start: from, end: shown.length });
        at = end;
      }
      shown += write(line.slice(at));
      const indent = shown.length - shown.trimStart().length;
      const trimmed = shown.trim();
      if (trimmed.length > longestLine) continue;
      keep(
        trimmed,
        written.map(({ start, end }) => ({
          start: Math.max(0, start - indent),
          end: Math.min(trimmed.length, end - indent),
        })),
      );
    }
  }

  function find(text: string): Span[] {
    if (kept.size === 0) return [];
    return [
      ...shortOnes(text),
      ...index.find(text).flatMap(({ start, end }) => {
        const line = text.slice(start, end);
        // Of a line that was cut at its end nobody knows how much of a secret is left.
        const places = kept.get(line) ?? [{ start: 0, end: line.length }];
        return places.map((place) => ({ start: start + place.start, end: start + place.end }));
      }),
    ];
  }

  /** Lines that are too short to be looked for anywhere: each where it is all of a line. */
  function shortOnes(text: string): Span[] {
    if (short === 0) return [];
    return [...text.matchAll(/(?<=^[|+\s-]{0,40})[^|+\s-][^\n]{0,8}$/gm)].flatMap(({ 0: line, index: start }) => {
      const places = line.length < shortestForm ? kept.get(line) : undefined;
      return places?.map((place) => ({ start: start + place.start, end: start + place.end })) ?? [];
    });
  }

  return { add, find };
}

type Write = (text: string) => string;
const asItIs: Write = (text) => text;

/** As it is shown, and as it stands inside a string in quotes: most lines are the same in one or both. */
function waysToWrite(line: string): readonly Write[] {
  if (/[^\t -~]/.test(line)) return [clean, escaped];
  return /["\\\t]/.test(line) ? [asItIs, escaped] : [asItIs];
}

/** As it stands inside a string in quotes. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
