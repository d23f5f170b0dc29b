import type { Domain } from "./config-scope.ts";
import { isPath, isSaid, type Rule, randomParts } from "./config-words.ts";
import { holdsCredentials } from "./secret-encoded.ts";
import { isCryptHash, isRandom } from "./secret-looks.ts";
import { isOpenName } from "./secret-names.ts";
import { mark, type Span } from "./secret-spans.ts";
import { isQuantity, isReference, looksSecret } from "./secret-values.ts";

/** Where a value stands in a text that configures something. */
export interface ValuePlace {
  readonly rule: Rule | undefined;
  /** The key that it is the value of. */
  readonly key: string | undefined;
  /** The name that rules in its line. */
  readonly domain: Domain | undefined;
  readonly quoted: boolean;
  readonly comment: boolean;
}

/** What of a value is secret. `begins`: it is one as a whole, so that what follows it in the same quotes belongs to it. */
interface Judged {
  readonly spans: readonly Span[];
  readonly begins: boolean;
}

const nothing: Judged = { spans: [], begins: false };

/** Judges a value at its place; the spans are places in the text. */
export function judgeWord(text: string, span: Span, { rule, key, domain, quoted, comment }: ValuePlace): Judged {
  const { start, end } = span;
  const word = text.slice(start, end);
  // A call, or the head of a block.
  if (text[end] === "(" || (!quoted && /^\s{1,4}\{(?!\{)/.test(text.slice(end, end + 6)))) return nothing;
  if (text.slice(start - 2, start) === "<<") return nothing;
  if (word === "" || word === mark || isReference(word) || !/[\p{L}\p{N}]/u.test(word)) return nothing;
  if (isCryptHash(word) || holdsCredentials(word)) return { spans: [span], begins: false };
  if (word.includes("://")) return rule !== "open" || /hook/i.test(domain?.name ?? "") ? random(word, start) : nothing;
  if (rule === "open") return nothing;
  if (rule === undefined ? !isRandom(word) : isPath(word) || isQuantity(word)) return nothing;
  if (rule === "all" && !comment) {
    const said = word.length === 1 || isSaid(word, !quoted && domain?.assigned === false);
    return said ? nothing : { spans: [span], begins: true };
  }
  if (rule !== undefined && looksSecret(word, 6)) return { spans: [span], begins: false };
  return key !== undefined && isOpenName(key) ? nothing : random(word, start);
}

function random(word: string, start: number): Judged {
  const spans = randomParts(word).map((part) => ({ start: start + part.start, end: start + part.end }));
  return { spans, begins: false };
}
