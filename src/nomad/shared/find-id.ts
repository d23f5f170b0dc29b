import { Refusal } from "../../api/errors/refusal.ts";
import type { ListRoute, Query } from "../../endpoints/endpoint.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { plural, short, some } from "../../text/words.ts";
import { unseenRegions } from "../cluster/other-regions.ts";
import { otherKind } from "./other-kind.ts";
import { digitsOf, idPrefix, isFullId } from "./uuid.ts";

/** Objects of one kind, which have a UUID and are listed by it in all namespaces. */
export interface Kind<T extends { ID: string }> {
  readonly noun: "allocation" | "deployment" | "evaluation";
  readonly list: ListRoute<T>;
  /** The query with which the rows of the list are small. */
  readonly slim?: Query;
}

/**
 * The full id of an object, from 8 or more characters of it (4 will do), dashes or not, in every namespace that the token
 * sees. `name`: what tells one from another beside its id. `besides`: a refusal says what else has such an id.
 *
 * @throws Refusal where none or several begin so.
 */
export async function fullId<T extends { ID: string }>(
  nomad: NomadClient,
  { noun, list, slim }: Kind<T>,
  given: string,
  name: (item: T) => string,
  besides = false,
): Promise<string> {
  const id = given.trim().toLowerCase();
  if (isFullId(id)) return id;
  const digits = digitsOf(id);
  const other = async () => (besides ? ` ${await otherKind(nomad, given, noun)}` : "").trimEnd();
  if (digits === undefined) {
    const a = /^[aeiou]/.test(noun) ? "an" : "a";
    throw new Refusal(
      `${JSON.stringify(given)} is not ${a} ${noun} id: those are hexadecimal, such as 4f2a9c31.${await other()}`,
    );
  }
  const { items } = await nomad.list(list, { namespace: "*", prefix: idPrefix(digits), per_page: 50, ...slim });
  const matching = items.filter((item) => item.ID.replaceAll("-", "").startsWith(digits));
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only.ID;
  if (only === undefined) {
    const gone = " It may be gone: Nomad forgets ended ones after a while.";
    const [told, elsewhere] = await Promise.all([other(), unseenRegions(nomad)]);
    throw new Refusal(`There is no ${noun} that begins with ${given}.${told || gone}${elsewhere && ` ${elsewhere}`}`);
  }
  const names = matching.map((item) => `${short(item.ID)}${item.ID.slice(8, 13)} (${name(item)})`);
  throw new Refusal(`${given} begins ${plural(matching.length, noun)}: ${some(names, 6)}. Give more characters.`);
}
