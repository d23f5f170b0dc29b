import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { escaped } from "../../text/pattern.ts";
import { plural, short, some } from "../../text/words.ts";

/**
 * The node of a name, or of an id that begins so.
 *
 * @throws Refusal where there is none, or several.
 */
export async function findNode(nomad: NomadClient, given: string): Promise<NodeStub> {
  const text = given.trim();
  const begun = literal(`^${escaped(text.toLowerCase())}`);
  const { items } = await nomad.list(nodes.list, {
    filter: `Name == ${literal(text)} or ID matches ${begun}`,
    per_page: 20,
  });
  const named = items.filter(({ Name }) => Name === text);
  const [only, ...others] = named.length > 0 ? named : items;
  if (only === undefined) throw new Refusal(`There is no node whose name is ${text} or whose id begins so.`);
  if (others.length === 0) return only;
  const names = [only, ...others].map(({ ID, Name }) => `${short(ID)} (${Name})`);
  throw new Refusal(`${plural(names.length, "node")} fit ${text}: ${some(names, 8)}. Name one by its id.`);
}
