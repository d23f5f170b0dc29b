import { Refusal } from "../api/errors.ts";
import { literal, path } from "../api/path.ts";
import type { NodeStub } from "../api/types.ts";
import type { NomadClient } from "../nomad-client.ts";
import { plural, short, some } from "../text/words.ts";
import { idPrefix } from "./find.ts";

/** Objects that have a UUID and are listed by it. */
export type WithId = "deployment" | "evaluation" | "node";

const lists = {
  deployment: path`/v1/deployments`,
  evaluation: path`/v1/evaluations`,
  node: path`/v1/nodes`,
};

/**
 * The full id of a deployment, evaluation or node, from 8 or more characters of it, dashes or not, in every namespace
 * that the token sees; of a node also from its name.
 *
 * @throws Refusal where none or several are meant.
 */
export async function fullId(nomad: NomadClient, kind: WithId, given: string): Promise<string> {
  const id = given.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  const digits = id.replaceAll("-", "");
  const [byId, byName] = await Promise.all([
    /^[0-9a-f]{4,32}$/.test(digits) ? beginning(nomad, kind, digits) : [],
    kind === "node" ? named(nomad, given.trim()) : [],
  ]);
  const [only, ...others] = [...new Set([...byName, ...byId])];
  if (only === undefined) throw new Refusal(`There is no ${kind} ${JSON.stringify(given.slice(0, 80))}.`);
  if (others.length === 0) return only;
  const all = [only, ...others].map((each) => short(each) + each.slice(8, 13));
  throw new Refusal(
    `${given.slice(0, 80)} stands for ${plural(all.length, kind)}: ${some(all, 6)}. Give more characters.`,
  );
}

async function beginning(nomad: NomadClient, kind: WithId, digits: string): Promise<string[]> {
  // Nomad takes prefixes of an even length only.
  const prefix = idPrefix(digits);
  const everywhere = kind === "node" ? {} : { namespace: "*" };
  const { items } = await nomad.list<{ ID: string }>(lists[kind], { ...everywhere, prefix, per_page: 50 });
  return items.map(({ ID }) => ID).filter((each) => each.replaceAll("-", "").startsWith(digits));
}

async function named(nomad: NomadClient, name: string): Promise<string[]> {
  const { items } = await nomad.list<NodeStub>(lists.node, { filter: `Name == ${literal(name)}`, per_page: 10 });
  return items.map(({ ID }) => ID);
}
