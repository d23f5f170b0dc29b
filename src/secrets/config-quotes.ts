/** Deeper than this nobody quotes. */
const mostQuotes = 8;

/** The quotes that are open in a line, the outer one first, and where a secret began behind each. */
export class OpenQuotes {
  readonly #open: { readonly sign: string; secret: number | undefined }[] = [];

  get any(): boolean {
    return this.#open.length > 0;
  }

  /** True for a sign that closes a quote, with its backslashes. */
  closes(sign: string): boolean {
    return this.#open.some((quote) => quote.sign === sign);
  }

  open(sign: string): void {
    if (this.#open.length < mostQuotes) this.#open.push({ sign, secret: undefined });
  }

  /** Closes a quote and those inside of it; gives where the secret began that ends with it. */
  close(sign: string): number | undefined {
    const at = this.#open.findIndex((quote) => quote.sign === sign);
    const secret = this.#open[at]?.secret;
    this.#open.length = at;
    return secret;
  }

  closeAll(): void {
    this.#open.length = 0;
  }

  /** A secret begins, if none has yet in the innermost quote: all up to its end is secret, spaces and signs included. */
  beginSecret(start: number): void {
    const quote = this.#open.at(-1);
    if (quote !== undefined) quote.secret ??= start;
  }

  /** What follows in the quotes belongs to no secret that began before it. */
  endSecrets(): void {
    for (const quote of this.#open) quote.secret = undefined;
  }
}
