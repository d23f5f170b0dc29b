import { Refusal } from "../../../api/errors/refusal.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import { lines } from "../../../text/words.ts";
import { isMasked, lineNames, maskedLines, standsForValue } from "../../shared/masked.ts";
import { ifOffered } from "../../shared/next-step.ts";
import type { JobFile } from "./job-file.ts";
import { isObject } from "./job-json.ts";
import { readPresent } from "./present.ts";

/** The texts of a call that a job was read from. */
export interface GivenTexts {
  readonly job_file?: string | undefined;
  readonly variables?: string | undefined;
}

/**
 * Refuses a job whose texts came out of an answer, in which the mask's mark stands for secrets: Nomad would get that word in
 * their place. What the job that is there has just so is its own text, and comments are nobody's value.
 *
 * @throws Refusal that says which lines have it.
 */
export async function refuseMasked(nomad: NomadClient, file: JobFile, texts: GivenTexts): Promise<void> {
  const found = (["job_file", "variables"] as const).flatMap((name) => {
    const numbers = valueLines(texts[name] ?? "");
    return numbers.length === 0 ? [] : [{ name, numbers }];
  });
  const [first] = found;
  if (first === undefined) return;
  const values = [...maskedValues(file.job)];
  if (values.length > 0) {
    const had = [...maskedValues(await readPresent(nomad.in(file.namespace), file.id))];
    if (values.every((value) => take(had, value))) return;
  }
  throw new Refusal(
    lines(
      `${lineNames(first.numbers)} of ${first.name}: ${standsForValue}, and the job would get that word in its place. Nothing was submitted.`,
      `Next: write the value itself there, or a variable${library}`,
    ),
  );
}

const library = ifOffered(
  "save_job_file",
  "; a file of the library is taken as it is with file=, and save_job_file changes one passage of it",
  "",
);

/** Those lines with the mark that are no comments. */
function valueLines(text: string): number[] {
  const all = unseal(text).split("\n");
  return maskedLines(text).filter((number) => !/^\s*(#|\/\/)/.test(all[number - 1] ?? ""));
}

/** The lines with the mark in the texts of a job, each with the key that it is under. */
function* maskedValues(value: unknown, key = ""): Generator<string> {
  if (typeof value === "string") {
    for (const line of unseal(value).split("\n")) if (isMasked(line)) yield `${key}: ${line.trim()}`;
  } else if (Array.isArray(value)) {
    for (const each of value) yield* maskedValues(each, key);
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) yield* maskedValues(each, name);
  }
}

/** Takes one out of a list. */
function take(list: string[], value: string): boolean {
  const at = list.indexOf(value);
  if (at !== -1) list.splice(at, 1);
  return at !== -1;
}
