import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import type { Noun } from "../../endpoints/endpoint.ts";
import { nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { plural, short, some } from "../../text/words.ts";
import { idPrefix } from "../jobs/find.ts";

/**
 * The full id of a deployment, evaluation or node, from 8 or more characters of it, dashes or not, in every namespace
 * that the token sees; of a node also from its name.
 *
 * @throws Refusal where none or several are meant.
 */
export async function fullId(nomad: NomadClient, noun: Noun, given: string): Promise<string> {
  const id = given.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  const digits = id.replaceAll("-", "");
  const [byId, byName] = await Promise.all([
    /^[0-9a-f]{4,32}$/.test(digits) ? beginning(nomad, noun, digits) : [],
    noun.noun === nodes.noun ? named(nomad, given.trim()) : [],
  ]);
  const [only, ...others] = [...new Set([...byName, ...byId])];
  if (only === undefined) throw new Refusal(`There is no ${noun.noun} ${JSON.stringify(given.slice(0, 80))}.`);
  if (others.length === 0) return only;
  const all = [only, ...others].map((each) => short(each) + each.slice(8, 13));
  throw new Refusal(
    `${given.slice(0, 80)} stands for ${plural(all.length, noun.noun)}: ${some(all, 6)}. Give more characters.`,
  );
}

async function beginning(nomad: NomadClient, { list }: Noun, digits: string): Promise<string[]> {
  // Nomad takes prefixes of an even length only.
  const prefix = idPrefix(digits);
  const everywhere = list.reach === "cluster" ? {} : { namespace: "*" };
  const { items } = await nomad.list(list, { ...everywhere, prefix, per_page: 50 });
  return items.map(({ ID }) => ID).filter((each) => each.replaceAll("-", "").startsWith(digits));
}

async function named(nomad: NomadClient, name: string): Promise<string[]> {
  const { items } = await nomad.list(nodes.list, { filter: `Name == ${literal(name)}`, per_page: 10 });
  return items.map(({ ID }) => ID);
}
