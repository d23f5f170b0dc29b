import { formsOf, shortestForm } from "./secret-forms.ts";
import { createIndex } from "./secret-index.ts";
import type { Span } from "./secret-spans.ts";
import { credentialsOf } from "./secret-values.ts";

/** The server's own tokens and passwords: never forgotten, and masked for whoever asks. */
export interface OwnSecrets {
  /** A value that is secret whatever it looks like. */
  add(value: string | undefined): void;
  /** Where one of them stands, in any form, in capitals or small letters, with or without its dashes. */
  find(text: string): Span[];
}

/** Tokens are renewed: of them so many are kept. `most`: those of many people are more. */
export function createOwnSecrets(most = 64): OwnSecrets {
  // The order of a Set is that in which its members came: the first is the oldest.
  const kept = new Set<string>();
  /** Those of them that the index does not take. */
  const short = new Set<string>();
  const forms = createIndex();
  const folded = createIndex();

  function change(value: string, how: "add" | "remove"): void {
    if (value.length < shortestForm) short[how === "add" ? "add" : "delete"](value);
    const written = [value, value.replaceAll("-", "")];
    for (const form of new Set(written.flatMap((each) => [...formsOf(each)]))) forms[how](form);
    for (const form of new Set(written.map(fold))) folded[how](form);
  }

  function keep(value: string): void {
    if (!kept.delete(value)) change(value, "add");
    kept.add(value);
    for (const oldest of kept) {
      if (kept.size <= most) break;
      kept.delete(oldest);
      change(oldest, "remove");
    }
  }

  return {
    add(value) {
      if (value === undefined || value === "") return;
      for (const secret of [value, ...credentialsOf(value)]) keep(secret);
    },
    find: (text) =>
      kept.size === 0
        ? []
        : [...forms.find(text), ...folded.find(fold(text)), ...[...short].flatMap((value) => shortOnes(text, value))],
  };
}

/** Small letters in place of capitals, each where it was. */
function fold(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** Where a value that is too short for the index stands as a word of its own. */
function shortOnes(text: string, value: string): Span[] {
  const spans: Span[] = [];
  for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1)) {
    const end = start + value.length;
    if (!/[A-Za-z0-9]/.test(`${text[start - 1] ?? ""}${text[end] ?? ""}`)) spans.push({ start, end });
  }
  return spans;
}
