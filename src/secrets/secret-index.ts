import { shortestForm as width } from "./secret-forms.ts";
import type { Span } from "./secret-spans.ts";

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

/** Texts that begin with the same characters. */
interface Bucket {
  readonly counts: Map<string, number>;
  sorted: Sorted | undefined;
}

/** `outer[i]` is the place of the longest form that `forms[i]` begins with, -1 where there is none. */
interface Sorted {
  readonly forms: readonly string[];
  readonly outer: readonly number[];
}

export function createIndex(): TextIndex {
  const buckets = new Map<string, Bucket>();

  function add(form: string): void {
    if (form.length < width) return;
    const head = form.slice(0, width);
    const bucket = buckets.get(head) ?? { counts: new Map(), sorted: undefined };
    buckets.set(head, bucket);
    bucket.counts.set(form, (bucket.counts.get(form) ?? 0) + 1);
    bucket.sorted = undefined;
  }

  function remove(form: string): void {
    const bucket = buckets.get(form.slice(0, width));
    const count = bucket?.counts.get(form);
    if (bucket === undefined || count === undefined) return;
    if (count > 1) {
      bucket.counts.set(form, count - 1);
      return;
    }
    bucket.counts.delete(form);
    bucket.sorted = undefined;
    if (bucket.counts.size === 0) buckets.delete(form.slice(0, width));
  }

  function find(text: string): Span[] {
    const spans: Span[] = [];
    if (buckets.size === 0) return spans;
    let room = 2_000_000 + text.length * mostCompared;
    for (let start = 0; start + width <= text.length; start++) {
      const bucket = buckets.get(text.slice(start, start + width));
      if (bucket === undefined) continue;
      bucket.sorted ??= sort([...bucket.counts.keys()]);
      const { length, compared } = longestAt(bucket.sorted, text, start);
      if (length > 0) spans.push({ start, end: start + length });
      room -= compared;
      // Only a text that is made for it comes here. What was not looked at is not shown.
      if (room < 0) return [...spans, { start, end: text.length }];
    }
    return spans;
  }

  return { add, remove, find };
}

function sort(forms: string[]): Sorted {
  forms.sort();
  const outer: number[] = [];
  for (const [index, form] of forms.entries()) {
    let candidate = index - 1;
    while (candidate >= 0 && !form.startsWith(forms[candidate] ?? "")) candidate = outer[candidate] ?? -1;
    outer.push(candidate);
  }
  return { forms, outer };
}

/**
 * The length of the longest form which stands in the text at `start`. Forms that stand there are all beginnings of the
 * greatest one that does not sort after the text, so one search in the sorted forms finds them.
 */
function longestAt({ forms, outer }: Sorted, text: string, start: number): { length: number; compared: number } {
  let low = -1;
  let high = forms.length;
  let lowCommon = width;
  let highCommon = width;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const form = forms[middle] ?? "";
    const common = commonLength(form, text, start, Math.min(lowCommon, highCommon));
    const after = common < form.length && !(form.charCodeAt(common) < text.charCodeAt(start + common));
    if (after) {
      high = middle;
      highCommon = common;
    } else {
      low = middle;
      lowCommon = common;
    }
  }
  let whole = low;
  while (whole >= 0 && (forms[whole]?.length ?? 0) > lowCommon) whole = outer[whole] ?? -1;
  const compared = lowCommon + highCommon;
  if (whole >= 0) return { length: forms[whole]?.length ?? 0, compared };
  const begun = Math.max(low >= 0 ? lowCommon : 0, high < forms.length ? highCommon : 0);
  return { length: isCut(text, start + begun, begun) ? begun : 0, compared };
}

/** How far the form and the text at `start` agree, of which `known` is known. */
function commonLength(form: string, text: string, start: number, known: number): number {
  const most = Math.min(form.length, text.length - start);
  let length = known;
  while (length < most && form.charCodeAt(length) === text.charCodeAt(start + length)) length++;
  return length;
}

/** A cut is marked (`…`), or likely, since so much of the form stands there (`...`, the end of the text). */
function isCut(text: string, at: number, length: number): boolean {
  if (length === 0) return false;
  return text[at] === "…" || (length >= 12 && (at === text.length || text.startsWith("...", at)));
}
