import { Refusal } from "../../../api/errors/refusal.ts";
import { seal, sealBlock, unseal } from "../../../text/sealed.ts";
import { grouped, plural } from "../../../text/words.ts";
import { isMasked, lineNames, maskedLines, standsForValue } from "../../shared/masked.ts";

/** How a file is to be changed: a new text, or another passage in the place of one that is in it once. */
export interface Edit {
  readonly job_file?: string | undefined;
  readonly replace?: string | undefined;
  readonly with?: string | undefined;
}

/**
 * The text of a file after an edit, with the line ends that it has.
 *
 * @throws Refusal where the passage is not in it exactly once, the edit is none, or would put the mark of the mask into the file,
 * as a text does that came out of an answer.
 */
export function edited(before: string | undefined, edit: Edit): string {
  const after = changed(before, edit);
  const masked = maskedLines(after, before);
  if (masked.length === 0) return after;
  const next =
    before === undefined
      ? "put a variable in its place, or the value itself"
      : "replace and with change one passage and leave the rest as it is";
  throw new Refusal(
    `${lineNames(masked)} of the new text: ${standsForValue}, and that word would take its place in the file. Nothing was changed.\nNext: ${next}`,
  );
}

function changed(before: string | undefined, { job_file: whole, replace, with: by }: Edit): string {
  if ((whole === undefined) === (replace === undefined)) {
    throw refused("Give a new job_file, or replace and with, and not both.");
  }
  if (whole !== undefined) return withEndsOf(before, whole);
  if (before === undefined) throw refused("There is no such file yet: give its text in job_file.");
  const text = unseal(before);
  const passage = unseal(withEndsOf(before, replace ?? ""));
  const count = passage === "" ? 0 : text.split(passage).length - 1;
  if (count !== 1) {
    throw refused(
      count === 0
        ? isMasked(passage)
          ? `What replace says is not in the file: ${standsForValue}. Take a passage without it.`
          : "What replace says is not in the file: it must be exact, with its spaces and line ends."
        : `What replace says is in the file ${grouped(count)} times: give more of what stands around it.`,
    );
  }
  // As a function, since $ in the new passage means nothing.
  return sealBlock(text.replace(passage, () => unseal(withEndsOf(before, by ?? ""))));
}

function withEndsOf(before: string | undefined, text: string): string {
  const plain = unseal(text).replaceAll("\r\n", "\n");
  return sealBlock(before !== undefined && unseal(before).includes("\r\n") ? plain.replaceAll("\n", "\r\n") : plain);
}

const refused = (words: string) => new Refusal(`${words} Nothing was changed.`);

/** So many lines of a difference are shown. */
const mostLines = 60;

/** What differs between two texts, as lines of a patch: " same", "-old" and "+new", three lines around each. */
export async function patchLines(before: string, after: string): Promise<string[]> {
  const { structuredPatch } = await import("diff");
  const [old, now] = [before, after].map((text) => unseal(text).replaceAll("\r\n", "\n"));
  const { hunks } = structuredPatch("", "", old ?? "", now ?? "", undefined, undefined, { context: 2 });
  const all = hunks.flatMap((hunk, index) => [...(index > 0 ? ["..."] : []), ...hunk.lines]);
  const told = all.slice(0, mostLines).map((line) => seal(line));
  return all.length > mostLines ? [...told, `... and ${plural(all.length - mostLines, "line")} more`] : told;
}
