/** So many texts are gone through one by one; most sets have no more, and there may be a set for every secret of a job. */
const few = 8;

/** Texts of which the longest one that stands at a place is found by one search, however many they are. */
export class TextSet {
  /** As long as they are few, each as often as it was added; then with how often that was. */
  #texts: string[] | Map<string, number> = [];
  /** Made when somebody looks: many texts are added one after the other. */
  #sorted: Sorted | undefined;

  /** Adds a text; as often as it was added it must be removed. */
  add(text: string): void {
    this.#sorted = undefined;
    if (Array.isArray(this.#texts) && this.#texts.length < few) {
      // Of the size that it needs: a list that grows by itself takes room for twenty.
      this.#texts = [...this.#texts, text];
      return;
    }
    if (Array.isArray(this.#texts)) {
      const counts = new Map<string, number>();
      for (const one of this.#texts) counts.set(one, (counts.get(one) ?? 0) + 1);
      this.#texts = counts;
    }
    this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
  }

  remove(text: string): void {
    this.#sorted = undefined;
    if (Array.isArray(this.#texts)) {
      const at = this.#texts.indexOf(text);
      if (at >= 0) this.#texts.splice(at, 1);
      return;
    }
    const count = this.#texts.get(text) ?? 0;
    if (count > 1) this.#texts.set(text, count - 1);
    else this.#texts.delete(text);
  }

  get isEmpty(): boolean {
    return (Array.isArray(this.#texts) ? this.#texts.length : this.#texts.size) === 0;
  }

  /**
   * The longest text that stands in another one at a place. `known`: so many characters are known to agree with all texts of
   * the set. `ends`: whether a text may end at a place; where it is not said, all may.
   */
  standsAt(text: string, start: number, known: number, ends: (at: number) => boolean = anywhere): Standing {
    if (Array.isArray(this.#texts)) return oneByOne(this.#texts, text, start, known, ends);
    this.#sorted ??= sort([...this.#texts.keys()]);
    return search(this.#sorted, text, start, known, ends);
  }
}

const anywhere = () => true;

export interface Standing {
  /** Of the longest text that stands there whole; 0 where none does. */
  readonly length: number;
  /** So much of any text stands there. */
  readonly begun: number;
  /** Characters that were compared. */
  readonly compared: number;
}

/** `outer[i]` is the place of the longest text that `texts[i]` begins with, -1 where there is none. */
interface Sorted {
  readonly texts: readonly string[];
  readonly outer: readonly number[];
}

function oneByOne(
  texts: readonly string[],
  text: string,
  start: number,
  known: number,
  ends: (at: number) => boolean,
): Standing {
  let [length, begun, compared] = [0, 0, 0];
  for (const one of texts) {
    const common = commonLength(one, text, start, known);
    compared += common;
    begun = Math.max(begun, common);
    if (common === one.length && common > length && ends(start + common)) length = common;
  }
  return { length, begun, compared };
}

function sort(texts: string[]): Sorted {
  texts.sort();
  const outer: number[] = [];
  for (const [index, text] of texts.entries()) {
    let candidate = index - 1;
    while (candidate >= 0 && !text.startsWith(texts[candidate] ?? "")) candidate = outer[candidate] ?? -1;
    outer.push(candidate);
  }
  return { texts, outer };
}

/** Texts that stand there are all beginnings of the greatest one that does not sort after the other: one search finds them. */
function search(
  { texts, outer }: Sorted,
  text: string,
  start: number,
  known: number,
  ends: (at: number) => boolean,
): Standing {
  let low = -1;
  let high = texts.length;
  let lowCommon = known;
  let highCommon = known;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const one = texts[middle] ?? "";
    const common = commonLength(one, text, start, Math.min(lowCommon, highCommon));
    const after = common < one.length && !(one.charCodeAt(common) < text.charCodeAt(start + common));
    if (after) {
      high = middle;
      highCommon = common;
    } else {
      low = middle;
      lowCommon = common;
    }
  }
  const begun = Math.max(low >= 0 ? lowCommon : 0, high < texts.length ? highCommon : 0);
  let whole = low;
  const stands = (length: number) => length <= lowCommon && ends(start + length);
  while (whole >= 0 && !stands(texts[whole]?.length ?? 0)) whole = outer[whole] ?? -1;
  return { length: texts[whole]?.length ?? 0, begun, compared: lowCommon + highCommon };
}

/** How far the two agree from `start` on, of which `known` is known. */
function commonLength(one: string, text: string, start: number, known: number): number {
  const most = Math.min(one.length, text.length - start);
  let length = known;
  while (length < most && one.charCodeAt(length) === text.charCodeAt(start + length)) length++;
  return length;
}
