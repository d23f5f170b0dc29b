import { matchAt } from "./secret-reader.ts";
import type { Span } from "./secret-spans.ts";
import { TextSet } from "./text-set.ts";

/** The values that names were seen with, for those that are too plain to be masked wherever they stand. */
export interface Pairs {
  add(name: string, value: string): void;
  remove(name: string, value: string): void;
  /** Where one of the values stands next to its own name, whatever is written between them. */
  find(text: string): Span[];
}

export function createPairs(): Pairs {
  const values = new Map<string, TextSet>();

  function find(text: string): Span[] {
    const spans: Span[] = [];
    if (values.size === 0) return spans;
    const endsWord = (at: number) => !/[A-Za-z0-9_]/.test(text[at] ?? "");
    for (const { 0: word, index } of text.matchAll(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/g)) {
      const known = values.get(word) ?? values.get(lastPart(word));
      // A change shows two values of one name.
      for (let at = index + word.length, found = 0; known !== undefined && found < 2; found++) {
        const gap = matchAt(/[ \t"'`\\\][:=>,(|→-]{1,48}/y, text, at);
        const start = at + gap.length;
        const length = gap === "" ? 0 : known.standsAt(text, start, 0, endsWord).length;
        if (length === 0) break;
        at = start + length;
        spans.push({ start, end: at });
      }
    }
    return spans;
  }

  return {
    add(name, value) {
      const key = lastPart(name);
      if (key === "") return;
      const known = values.get(key) ?? new TextSet();
      values.set(key, known);
      known.add(value);
    },
    remove(name, value) {
      const key = lastPart(name);
      const known = values.get(key);
      known?.remove(value);
      if (known?.isEmpty) values.delete(key);
    },
    find,
  };
}

/** `spring.datasource.password` is told apart by its last part, as in `Config[spring.datasource.password]`. */
function lastPart(name: string): string {
  let start = name.length;
  while (start > 0 && isNamePart(name.charCodeAt(start - 1))) start--;
  return name.slice(Math.max(start, name.length - 128));
}

function isNamePart(code: number): boolean {
  const letter = code | 32;
  return (letter >= 97 && letter <= 122) || (code >= 48 && code <= 57) || code === 95 || code === 45;
}
