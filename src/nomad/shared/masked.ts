import { mark } from "../../secrets/secret-spans.ts";
import { unseal } from "../../text/sealed.ts";
import { some } from "../../text/words.ts";

/** Why a text is not taken back that came out of an answer: what is written with it would lose the value. */
export const standsForValue = `${mark} stands for a value that answers do not show`;

/** Whether a text has the mark that stands in place of a secret. */
export const isMasked = (text: string) => text.includes(mark);

/** That a text will be masked as it is shown, and what follows from that; undefined where all of it is shown. */
export function maskedNote(text: string, mask: (text: string) => string, therefore: string): string | undefined {
  const count = (each: string) => each.split(mark).length;
  return count(mask(text)) > count(text) ? `${standsForValue}: ${therefore}` : undefined;
}

/** The lines of a text that have the mark, counted from 1, but for those that another text has just so, and as often. */
export function maskedLines(text: string, before = ""): number[] {
  const had = linesOf(before).filter(isMasked);
  return linesOf(text).flatMap((line, index) => {
    if (!isMasked(line)) return [];
    const at = had.indexOf(line);
    if (at === -1) return [index + 1];
    had.splice(at, 1);
    return [];
  });
}

/** "Line 3", "Lines 3 and 7" */
export function lineNames(numbers: readonly number[]): string {
  return `${numbers.length === 1 ? "Line" : "Lines"} ${some(numbers.map(String), 5)}`;
}

const linesOf = (text: string) => unseal(text).split(/\r?\n/);
