import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { search } from "../../endpoints/search.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { short } from "../../text/words.ts";
import { type ShownNoun, showStep } from "./next-step.ts";
import { ifGiven } from "./parts.ts";
import { digitsOf, idPrefix } from "./uuid.ts";

/** What Nomad's search by prefix calls the kinds that a call shows (nomad/structs/search.go). */
const kinds: readonly (readonly [context: string, noun: ShownNoun])[] = [
  ["jobs", "job"],
  ["allocs", "allocation"],
  ["deployment", "deployment"],
  ["evals", "evaluation"],
  ["nodes", "node"],
];

/**
 * What was given for an object of the kind `sought` and is a job's id, or the beginning of another kind's id: a sentence
 * that says so, and how that is looked at. Empty where nothing is found, or the token may not search.
 */
export async function otherKind(nomad: NomadClient, given: string, sought: ShownNoun): Promise<string> {
  const text = given.trim();
  const digits = digitsOf(text);
  const prefix = digits === undefined ? text : idPrefix(digits);
  if (prefix === "") return "";
  const found = await ifGiven(nomad.ask(search.prefix, {}, { Prefix: prefix, Context: "all" }));
  for (const [context, noun] of kinds) {
    const begins = (id: string) => digits !== undefined && id.replaceAll("-", "").startsWith(digits);
    const id = found?.Matches?.[context]?.find((each) => (noun === "job" ? each === text : begins(each)));
    if (id === undefined || noun === sought) continue;
    if (noun === "job") return `That is a job: ${showStep(nomad, noun, id)}.`;
    const a = /^[aeiou]/.test(noun) ? "an" : "a";
    return `That is the id of ${a} ${noun}: ${showStep(nomad, noun, short(id))}.`;
  }
  return "";
}

/** What a read by a full id gives. @throws Refusal where there is nothing of the kind `sought`, and the id is another kind's. */
export async function orOtherKind<T>(nomad: NomadClient, id: string, sought: ShownNoun, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind !== "not_found") throw error;
    const other = await otherKind(nomad, id, sought);
    throw other === "" ? error : new Refusal(`There is no ${sought} ${short(id)}. ${other}`);
  }
}
