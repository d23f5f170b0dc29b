import { formsOf, shortestForm } from "./secret-forms.ts";
import { createIndex } from "./secret-index.ts";
import { createLines } from "./secret-lines.ts";
import { isDistinctive } from "./secret-looks.ts";
import { createPairs } from "./secret-pairs.ts";
import type { Span } from "./secret-spans.ts";
import { detached, isEveryday, isReference, isUuid } from "./secret-values.ts";

/** The values seen, each with the names that it was seen under. */
export interface SecretStore {
  /** `data` is a value that stood among secrets and may be none. */
  remember(value: string, name: string | undefined, holding: "secret" | "data"): void;
  /** A value that is never forgotten, and masked however short and plain it is. */
  always(value: string | undefined): void;
  /** The lines of a text with secrets at these places: they are masked wherever such a line stands again. */
  rememberLines(text: string, found: readonly Span[]): void;
  find(text: string): Span[];
}

/** The most that is kept: values, and characters of them and their names. */
const mostValues = 5_000;
const mostCharacters = 1024 * 1024;
/** Longer values are kept as pieces of this length, each of which is masked for itself; characters. */
const longestPiece = 1_024;
const mostNames = 16;
/** Tokens are renewed: of the server's own ones this many are kept. */
const mostAlways = 64;

interface Kept {
  readonly names: Set<string>;
  /** Masked wherever it stands, not only next to its names. */
  anywhere: boolean;
}

export function createStore(): SecretStore {
  // The order of a Map is that in which its keys came: the first is the oldest.
  const kept = new Map<string, Kept>();
  const own = new Set<string>();
  const index = createIndex();
  const pairs = createPairs();
  const lines = createLines();
  let characters = 0;

  function keep(value: string, name: string, anywhere: boolean): void {
    const entry = kept.get(value) ?? { names: new Set(), anywhere: false };
    if (kept.delete(value)) characters -= value.length;
    kept.set(value, entry);
    characters += value.length;
    if (name !== "" && !entry.names.has(name) && entry.names.size < mostNames) {
      entry.names.add(name);
      characters += name.length;
      pairs.add(name, value);
    }
    if (anywhere && !entry.anywhere) {
      entry.anywhere = true;
      for (const form of formsOf(value)) index.add(form);
    }
    for (const oldest of kept.keys()) {
      if (kept.size <= mostValues && characters <= mostCharacters) break;
      forget(oldest);
    }
  }

  function forget(value: string): void {
    const entry = kept.get(value);
    if (entry === undefined) return;
    kept.delete(value);
    characters -= value.length;
    for (const name of entry.names) {
      characters -= name.length;
      pairs.remove(name, value);
    }
    if (entry.anywhere) for (const form of formsOf(value)) index.remove(form);
  }

  function remember(value: string, name: string | undefined, holding: "secret" | "data"): void {
    const text = value.trim();
    if (isReference(text) || (holding === "data" && isTrivial(text))) return;
    const anywhere = (part: string) => isDistinctive(part) && (holding === "secret" || !isPlainDatum(name ?? "", part));
    const known = name !== undefined && name.length <= 128 ? name : "";
    if (text.length <= longestPiece && !text.includes("\n")) {
      if (known !== "" || anywhere(text)) keep(detached(text), detached(known), anywhere(text));
      return;
    }
    // A value of several lines is shown line by line, each behind a prefix.
    for (const line of text.split("\n").slice(0, mostValues)) {
      for (const piece of pieces(line.trim())) if (anywhere(piece)) keep(detached(piece), "", true);
    }
  }

  function keepAlways(value: string): void {
    if (!own.delete(value)) for (const form of formsOf(value)) index.add(form);
    own.add(value);
    for (const oldest of own) {
      if (own.size <= mostAlways) break;
      own.delete(oldest);
      for (const form of formsOf(oldest)) index.remove(form);
    }
  }

  return {
    remember(value, name, holding) {
      remember(value, name, holding);
      for (const part of credentialsOf(value)) remember(part, undefined, "secret");
    },
    always(value) {
      if (value === undefined || value === "") return;
      for (const secret of [value, ...credentialsOf(value)]) keepAlways(secret);
    },
    rememberLines: (text, found) => lines.add(text, found),
    find: (text) => [
      ...index.find(text),
      ...lines.find(text),
      ...pairs.find(text),
      ...[...own].flatMap((value) => shortOnes(text, value)),
    ],
  };
}

/** What a header's value is made of: the token behind its scheme, and the password in that of basic authentication. */
function credentialsOf(header: string): string[] {
  const [, scheme, token] = /^(bearer|basic|token)\s+(\S+)$/i.exec(header.trim()) ?? [];
  if (scheme === undefined || token === undefined) return [];
  if (scheme.toLowerCase() !== "basic") return [token];
  const login = Buffer.from(token, "base64").toString("utf8");
  const password = login.slice(login.indexOf(":") + 1);
  return password === "" ? [token] : [token, password];
}

/** Values that stand next to their names everywhere, and give nothing away. */
function isTrivial(value: string): boolean {
  return value.length < 2 || /^[\d.,:]+$/.test(value) || /^(?:yes|no|on|off)$/i.test(value);
}

/** What variables hold beside secrets: their values stand elsewhere, too, and are masked next to their names only. */
function isPlainDatum(name: string, value: string): boolean {
  return isEveryday(value) || plainNames.test(name) || (isUuid(value) && /id$/i.test(name));
}

const plainNames =
  /(?:^|[_.-])(?:host|hostname|name|user|username|login|url|uri|addr|address|port|region|bucket|database|db|env|environment|path|image|version|checksum|digest|commit|node|cluster|datacenter|namespace|service|email|role)$/i;

/** Consecutive pieces, the last one as long as the others. */
function* pieces(value: string): Generator<string> {
  for (let start = 0; start < value.length; start += longestPiece) {
    const from = value.length <= longestPiece ? 0 : Math.min(start, value.length - longestPiece);
    yield value.slice(from, from + longestPiece);
  }
}

/** Where a value that is too short for the index stands as a word of its own. */
function shortOnes(text: string, value: string): Span[] {
  const spans: Span[] = [];
  if (value.length >= shortestForm) return spans;
  for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1)) {
    const end = start + value.length;
    if (!/[A-Za-z0-9]/.test(`${text[start - 1] ?? ""}${text[end] ?? ""}`)) spans.push({ start, end });
  }
  return spans;
}
