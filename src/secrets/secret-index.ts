import { Beginnings, width } from "./beginnings.ts";
import type { Span } from "./secret-spans.ts";
import { TextSet } from "./text-set.ts";

/** Many texts at once, to be found in another one in a single pass, however many they are. */
export interface TextIndex {
  /** Adds a text; as often as it was added it must be removed. Those shorter than 8 characters are not looked for. */
  add(form: string): void;
  remove(form: string): void;
  /** The longest text of the index at each place. A text that was cut short there (`…`, `...`, the end) is found, too. */
  find(text: string): Span[];
}

/** So many characters are compared for each one of a text, many times what any text takes that was not made for it. */
const mostCompared = 16;

export function createIndex(): TextIndex {
  /** By their beginnings. */
  const byHead = new Map<string, TextSet>();
  let beginnings: Beginnings | undefined;

  function add(form: string): void {
    if (form.length < width) return;
    const head = form.slice(0, width);
    let there = byHead.get(head);
    if (there === undefined) {
      there = new TextSet();
      byHead.set(head, there);
      beginnings ??= new Beginnings();
      beginnings.add(head, () => byHead.keys());
    }
    there.add(form);
  }

  function remove(form: string): void {
    const head = form.slice(0, width);
    const there = byHead.get(head);
    there?.remove(form);
    if (there?.isEmpty) byHead.delete(head);
    if (byHead.size === 0) beginnings = undefined;
  }

  function find(text: string): Span[] {
    const spans: Span[] = [];
    if (beginnings === undefined) return spans;
    let room = 2_000_000 + text.length * mostCompared;
    const next = beginnings.next(text);
    for (let start = next(0); start >= 0; start = next(start + 1)) {
      const there = byHead.get(text.slice(start, start + width));
      if (there === undefined) continue;
      const { length, begun, compared } = there.standsAt(text, start, width);
      const found = length > 0 ? length : isCut(text, start + begun, begun) ? begun : 0;
      if (found > 0) spans.push({ start, end: start + found });
      room -= compared;
      // Only a text that is made for it comes here. What was not looked at is not shown.
      if (room < 0) return [...spans, { start, end: text.length }];
    }
    return spans;
  }

  return { add, remove, find };
}

/** A cut is marked (`…`), or likely, since so much of the form stands there (`...`, the end of the text). */
function isCut(text: string, at: number, length: number): boolean {
  return text[at] === "…" || (length >= 12 && (at === text.length || text.startsWith("...", at)));
}
