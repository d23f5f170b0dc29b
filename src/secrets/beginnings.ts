/** How many characters count as a beginning. */
export const width = 8;

const factor = 31;
/** What the factor of a character is that leaves. */
const leaving = Array.from({ length: width }).reduce((power: number) => Math.imul(power, factor), 1);
const smallest = 1 << 15;
/** Of so many places of the table one is taken at most. */
const sparse = 16;

/**
 * Tells of most places of a text that nothing known begins there, and sometimes errs the other way: a table of one bit for
 * each number that a beginning can have, which costs far less to ask than a map.
 */
export class Beginnings {
  #bits = new Uint8Array(smallest / 8);
  #count = 0;

  /** Adds the beginning of a text. `all`: those that are known, for when the table has to grow. */
  add(text: string, all: () => Iterable<string>): void {
    if (++this.#count * sparse > this.#bits.length * 8) {
      this.#bits = new Uint8Array(this.#bits.length * 8);
      this.#count = 0;
      for (const one of all()) this.#set(one);
    }
    this.#set(text);
  }

  #set(text: string): void {
    let sum = 0;
    for (let next = 0; next < width; next++) sum = withNext(sum, text, next);
    const at = this.#placeOf(sum);
    this.#bits[at >> 3] = (this.#bits[at >> 3] ?? 0) | (1 << (at & 7));
    this.#count++;
  }

  /** The places of a text where one may stand, one after the other. */
  next(text: string): (from: number) => number {
    const bits = this.#bits;
    const mask = bits.length * 8 - 1;
    const last = text.length - width;
    let [sum, summed] = [0, 0];
    return (from) => {
      for (let start = from; start <= last; start++) {
        for (; summed < start + width; summed++) sum = withNext(sum, text, summed);
        const at = (sum ^ (sum >>> 15)) & mask;
        if (((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0) return start;
      }
      return -1;
    };
  }

  #placeOf(sum: number): number {
    return (sum ^ (sum >>> 15)) & (this.#bits.length * 8 - 1);
  }
}

/** A number for the last characters up to a place, made of that for those up to the place before. */
function withNext(sum: number, text: string, at: number): number {
  const left = at < width ? 0 : Math.imul(text.charCodeAt(at - width), leaving);
  return (Math.imul(sum, factor) + text.charCodeAt(at) - left) | 0;
}
