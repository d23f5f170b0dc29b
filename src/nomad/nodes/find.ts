import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { escaped, oneEditAway } from "../../text/pattern.ts";
import { plural, short, some } from "../../text/words.ts";
import { otherKind } from "../shared/other-kind.ts";
import { dashed, digitsOf, isFullId } from "../shared/uuid.ts";
import { statusText } from "./words.ts";

/** So many names are told where none is the one that was given. */
const mostNamed = 8;

/**
 * The node of a name, or of an id that begins so: 8 or more characters of it (4 will do), dashes or not.
 *
 * @throws Refusal where there is none, or several: with the nearest names, or what else has such an id.
 */
export async function findNode(nomad: NomadClient, given: string): Promise<NodeStub> {
  const text = given.trim();
  const digits = digitsOf(text);
  const begun = digits === undefined ? "" : ` or ID matches ${literal(`^${dashed(digits)}`)}`;
  const { items } = await nomad.list(nodes.list, { filter: `Name == ${literal(text)}${begun}`, per_page: 20 });
  const named = items.filter(({ Name }) => Name === text);
  const [only, ...others] = named.length > 0 ? named : items;
  if (only !== undefined && others.length === 0) return only;
  const shown = text.slice(0, 80);
  if (only !== undefined) {
    const names = [only, ...others].map((node) => `${short(node.ID)} (${node.Name}, ${statusText(node)})`);
    throw new Refusal(`${plural(names.length, "node")} fit ${shown}: ${some(names, mostNamed)}. Name one by its id.`);
  }
  const hint = (await nearest(nomad, text)) || (await otherKind(nomad, text, "node"));
  throw new Refusal([`There is no node ${JSON.stringify(shown)}.`, hint].filter(Boolean).join(" "));
}

/** The full id of a node, from its name or 8 or more characters of the id. @throws Refusal as {@link findNode}. */
export async function nodeId(nomad: NomadClient, given: string): Promise<string> {
  const id = given.trim().toLowerCase();
  return isFullId(id) ? id : (await findNode(nomad, given)).ID;
}

/** The names that were most likely meant; empty where none is near. */
async function nearest(nomad: NomadClient, text: string): Promise<string> {
  const part = text.slice(0, 40);
  const like = `Name matches ${literal(oneEditAway(part))} or Name matches ${literal(`(?i)${escaped(part)}`)}`;
  const near = await nomad.list(nodes.list, { filter: like, per_page: mostNamed });
  const names = near.items.map(({ Name }) => Name).sort();
  return names.length > 0 ? `Nearest: ${some(names, mostNamed)}.` : "";
}
