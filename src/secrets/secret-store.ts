import { oldestFirst } from "./oldest-first.ts";
import { formsOf, shortestForm } from "./secret-forms.ts";
import { createIndex } from "./secret-index.ts";
import { createLines } from "./secret-lines.ts";
import { isDistinctive } from "./secret-looks.ts";
import { createPairs } from "./secret-pairs.ts";
import type { Span } from "./secret-spans.ts";
import { credentialsOf, detached, isEveryday, isReference, isUuid } from "./secret-values.ts";
import type { Steps } from "./steps.ts";

/** The values seen, each with the names that it was seen under. */
export interface SecretStore {
  /** `data` is a value that stood among secrets and may be none. */
  remember(value: string, name: string | undefined, holding: "secret" | "data"): void;
  /** What Nomad uses as an id or a name: a secret that equals it is masked next to its own name only. */
  rememberName(name: string): void;
  /** The lines of a text with secrets at these places: they are masked wherever such a line stands again. */
  rememberLines(text: string, found: readonly Span[]): Steps<void>;
  /** True for what was remembered as a name of Nomad's, here or where the limits say. */
  isName(text: string): boolean;
  /** @throws where more was to be remembered than has room, and nothing may be forgotten. */
  find(text: string): Span[];
}

/** How much a store keeps, and what happens to more. */
export interface StoreLimits {
  readonly values: number;
  /** Characters of the values and their names. */
  readonly characters: number;
  /** Of what is kept across calls the oldest goes; what a running call has seen must not, so that it can say no more. */
  readonly full: "forget" | "refuse";
  /** Names that are known elsewhere. */
  isName?(text: string): boolean;
}

export const acrossCalls: StoreLimits = { values: 5_000, characters: 1024 * 1024, full: "forget" };
export const duringCall: StoreLimits = { values: 500_000, characters: 64 * 1024 * 1024, full: "refuse" };

/** Longer values are kept as pieces of this length, each of which is masked for itself; characters. */
const longestPiece = 1_024;
const mostLinesOfValue = 5_000;
const mostNames = 16;
/** What Nomad uses as ids and names, of which so many are known. */
const mostNamesOfNomad = 50_000;

interface Kept {
  readonly names: string[];
  /** It is masked wherever it stands, and not next to its names only. */
  anywhere: boolean;
  /** Its names can be looked up, and its forms, where it is masked anywhere. */
  indexed: boolean;
}

export function createStore(limits: StoreLimits): SecretStore {
  // The order of a Map is that in which its keys came: the first is the oldest.
  const kept = new Map<string, Kept>();
  const oldest = oldestFirst(kept);
  const names = new Set<string>();
  const oldestName = oldestFirst(names);
  const index = createIndex();
  /** Values that are in the index once somebody looks: of many at once most may be forgotten until then. */
  const unindexed = new Set<string>();
  const pairs = createPairs();
  const lines = createLines(limits.values);
  let characters = 0;
  let refused = false;

  function keep(value: string, name: string, anywhere: boolean): void {
    const known = kept.get(value);
    const entry = known ?? { names: [], anywhere: false, indexed: false };
    // What is never forgotten keeps its place.
    if (known === undefined || limits.full === "forget") {
      if (kept.delete(value)) characters -= value.length;
      kept.set(value, entry);
      characters += value.length;
    }
    if (name !== "" && entry.names.length < mostNames && !entry.names.includes(name)) {
      entry.names.push(name);
      characters += name.length;
      if (entry.indexed) pairs.add(name, value);
    }
    if (anywhere && !entry.anywhere) {
      entry.anywhere = true;
      if (entry.indexed) for (const form of formsOf(value)) index.add(form);
    }
    if (!entry.indexed) {
      if (limits.full === "forget") unindexed.add(value);
      else putIntoIndex(value, entry);
    }
    while (kept.size > limits.values || characters > limits.characters) {
      const first = oldest();
      if (first === undefined) break;
      if (limits.full === "refuse") refused = true;
      forget(first);
    }
  }

  function putIntoIndex(value: string, entry: Kept): void {
    entry.indexed = true;
    for (const name of entry.names) pairs.add(name, value);
    if (entry.anywhere) for (const form of formsOf(value)) index.add(form);
  }

  function fillIndex(): void {
    for (const value of unindexed) {
      const entry = kept.get(value);
      if (entry !== undefined) putIntoIndex(value, entry);
    }
    unindexed.clear();
  }

  function forget(value: string): void {
    const entry = kept.get(value);
    if (entry === undefined) return;
    kept.delete(value);
    characters -= value.length;
    for (const name of entry.names) characters -= name.length;
    unindexed.delete(value);
    if (!entry.indexed) return;
    for (const name of entry.names) pairs.remove(name, value);
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
    for (const line of text.split("\n").slice(0, mostLinesOfValue)) {
      for (const piece of pieces(line.trim())) if (anywhere(piece)) keep(detached(piece), "", true);
    }
  }

  const isName = (text: string) => names.has(text) || (limits.isName?.(text) ?? false);

  return {
    remember(value, name, holding) {
      remember(value, name, holding);
      for (const part of credentialsOf(value)) remember(part, undefined, "secret");
    },
    rememberLines: (text, found) => lines.add(text, found),
    rememberName(name) {
      if (name.length < shortestForm || name.length > longestPiece || names.has(name)) return;
      names.add(detached(name));
      if (names.size > mostNamesOfNomad) names.delete(oldestName() ?? "");
    },
    isName,
    find(text) {
      if (refused) throw new Error("more secrets were seen than can be masked");
      fillIndex();
      const anywhere = index.find(text).filter(({ start, end }) => !isName(text.slice(start, end)));
      return [...anywhere, ...lines.find(text), ...pairs.find(text)];
    },
  };
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
