/** An answer that is an error, with Nomad's status and Nomad's words. */
export class HttpError extends Error {
  readonly status: number;
  /** X-Nomad-Index of a read that found nothing; without it the error has no query headers. */
  readonly index: number | undefined;
  constructor(status: number, message: string, index?: number) {
    super(message);
    this.status = status;
    this.index = index;
  }
}

/** What the demo has no answer for; it never invents one. */
export function notInDemo(what: string): HttpError {
  return new HttpError(501, `The demo cluster does not do this: ${what}. A real Nomad does.`);
}

/** A failure as Nomad's servers report most of theirs: 500 and a text. */
export function serverError(message: string): HttpError {
  return new HttpError(500, message);
}

/** hashicorp/go-multierror's text: `1 error occurred:\n\t* ...\n\n`. */
export function multierror(errors: readonly string[]): string {
  const points = errors.map((error) => `* ${error}`);
  const head = errors.length === 1 ? "1 error occurred:" : `${errors.length} errors occurred:`;
  return `${head}\n\t${points.join("\n\t")}\n\n`;
}

/** The warnings of a register or plan, as Nomad merges them into one text. */
export function warningsText(warnings: readonly string[]): string {
  if (warnings.length === 0) return "";
  const head = warnings.length === 1 ? "1 warning:" : `${warnings.length} warnings:`;
  return `${head}\n${warnings.map((warning) => `\n* ${warning.trim()}`).join("")}`;
}

/** What go-memdb says to an id that is no UUID; to a prefix only what is wrong with it as far as it goes. */
export function uuidError(table: string, id: string, prefix = false): HttpError | undefined {
  // Evaluations are looked up by way of one more function, which says so, too.
  const way = table === "eval" ? "failed to lookup eval: " : "";
  const fail = (why: string) => serverError(`${way}${table} lookup failed: index error: ${why}`);
  if (!prefix && id.length !== 36) return fail("UUID must be 36 characters");
  if (id.length > 36) return fail(`Invalid UUID length. UUID have 36 characters; got ${id.length}`);
  const hyphens = id.split("-").length - 1;
  if (hyphens > 4) return fail(`UUID should have maximum of 4 "-"; got ${hyphens}`);
  const digits = id.replaceAll("-", "");
  if (digits.length % 2 !== 0) return fail("Input (without hyphens) must be even length");
  const bad = /[^0-9a-fA-F]/u.exec(digits)?.[0];
  if (bad === undefined) return undefined;
  const code = (bad.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return fail(`Invalid UUID: encoding/hex: invalid byte: U+${code} '${bad}'`);
}
