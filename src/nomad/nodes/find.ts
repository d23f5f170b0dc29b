import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { escaped, oneEditAway } from "../../text/pattern.ts";
import { plural, short, some } from "../../text/words.ts";
import { unseenRegions } from "../cluster/other-regions.ts";
import { otherKind } from "../shared/other-kind.ts";
import { dashed, digitsOf, isFullId } from "../shared/uuid.ts";
import { statusText } from "./words.ts";

/** So many names are told where none is the one that was given. */
const mostNamed = 8;
const unchanged = "Nothing was changed.";

/**
 * The node of a name, or of an id that begins so: 8 or more characters of it (4 will do), dashes or not.
 *
 * @throws Refusal where there is none, or several: with the nearest names, or what else has such an id; `outcome` ends it.
 */
export async function findNode(nomad: NomadClient, given: string, outcome = ""): Promise<NodeStub> {
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
    const fit = `${plural(names.length, "node")} fit ${shown}: ${some(names, mostNamed)}. Name one by its id.`;
    throw new Refusal([fit, outcome].filter(Boolean).join(" "));
  }
  const hint = (await nearest(nomad, text)) || (await otherKind(nomad, text, "node"));
  const elsewhere = await unseenRegions(nomad);
  throw new Refusal([`There is no node ${JSON.stringify(shown)}.`, hint, elsewhere, outcome].filter(Boolean).join(" "));
}

/**
 * The node that a write is about: of exactly this name, or the only one whose id begins with 8 or more such characters.
 *
 * @throws Refusal as {@link findNode}, so that nothing is changed by a guess.
 */
export async function exactNode(nomad: NomadClient, given: string): Promise<NodeStub> {
  const found = await findNode(nomad, given, unchanged);
  if (found.Name === given.trim() || (digitsOf(given.trim()) ?? "").length >= 8) return found;
  throw new Refusal(
    `${given.trim()} begins the id of ${found.Name}. Name it by that, or by 8 characters. ${unchanged}`,
  );
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
