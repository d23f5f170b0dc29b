const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const [opens, closes] = [new Set([0x5b, 0x7b]), new Set([0x5d, 0x7d])];

/** So much of an entry is kept: ids and names of methods are shorter. In bytes. */
const longestEntry = 512;
/** Stands for a list or object inside of an entry. */
const placeholder = Buffer.from("null");

/**
 * The short entries of one JSON object, read as its text passes, piece by piece, and kept where the text is too long to be
 * held or is no JSON in the end. What stands in nested lists and objects is skipped.
 */
export class Outline {
  readonly #entries: Record<string, unknown> = Object.create(null);
  #depth = 0;
  #quoted = false;
  #escaped = false;
  #entry: number[] = [];

  add(text: Uint8Array): void {
    for (const byte of text) this.#take(byte);
  }

  /** What was read until now; where an entry has no value that is short, `null`. */
  entries(): Readonly<Record<string, unknown>> {
    this.#finish();
    return this.#entries;
  }

  #take(byte: number): void {
    if (this.#quoted) {
      this.#keep(byte);
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) this.#quoted = false;
      return;
    }
    if (opens.has(byte)) {
      if (this.#depth === 1) this.#keep(...placeholder);
      this.#depth++;
    } else if (closes.has(byte)) this.#depth--;
    else if (byte === comma && this.#depth === 1) this.#finish();
    else {
      this.#quoted = byte === quote;
      this.#keep(byte);
    }
  }

  #keep(...bytes: readonly number[]): void {
    if (this.#depth === 1 && this.#entry.length <= longestEntry) this.#entry.push(...bytes);
  }

  #finish(): void {
    const text = Buffer.from(this.#entry).toString("utf8");
    this.#entry = [];
    try {
      const read: unknown = JSON.parse(`{${text}}`);
      if (typeof read === "object") Object.assign(this.#entries, read);
    } catch {
      // An entry that was cut, or is none: whatever it was, it is not told.
      const [, name] = /^\s*"(\w+)"\s*:/.exec(text) ?? [];
      if (name !== undefined) this.#entries[name] = null;
    }
  }
}
