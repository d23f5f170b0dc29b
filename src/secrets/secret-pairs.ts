import { matchAt } from "./secret-reader.ts";
import type { Span } from "./secret-spans.ts";

/** The values that names were seen with, for those that are too plain to be masked wherever they stand. */
export interface Pairs {
  add(name: string, value: string): void;
  remove(name: string, value: string): void;
  /** Where one of the values stands next to its own name, whatever is written between them. */
  find(text: string): Span[];
}

export function createPairs(): Pairs {
  const values = new Map<string, Set<string>>();

  function find(text: string): Span[] {
    const spans: Span[] = [];
    if (values.size === 0) return spans;
    for (const { 0: word, index } of text.matchAll(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/g)) {
      const known = values.get(word) ?? values.get(lastPart(word));
      // A change shows two values of one name.
      for (let at = index + word.length, found = 0; known !== undefined && found < 2; found++) {
        const gap = matchAt(/[ \t"'`\\\][:=>,(|→-]{1,48}/y, text, at);
        const start = at + gap.length;
        const length = gap === "" ? 0 : longestAt(known, text, start);
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
      const known = values.get(key) ?? new Set();
      values.set(key, known.add(value));
    },
    remove(name, value) {
      const key = lastPart(name);
      values.get(key)?.delete(value);
      if (values.get(key)?.size === 0) values.delete(key);
    },
    find,
  };
}

/** `spring.datasource.password` is told apart by its last part, as in `Config[spring.datasource.password]`. */
function lastPart(name: string): string {
  return /[A-Za-z0-9_-]{0,128}$/.exec(name.slice(-128))?.[0] ?? "";
}

function longestAt(values: ReadonlySet<string>, text: string, start: number): number {
  let longest = 0;
  for (const value of values) {
    if (
      value.length > longest &&
      text.startsWith(value, start) &&
      !/[A-Za-z0-9_]/.test(text[start + value.length] ?? "")
    ) {
      longest = value.length;
    }
  }
  return longest;
}
