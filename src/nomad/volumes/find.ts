import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type NodeStub, nodes } from "../../endpoints/nodes.ts";
import { type HostVolume, type VolumeStub, volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { nearest } from "../../text/nearest.ts";
import { plural, short, some } from "../../text/words.ts";
import { unchanged } from "../shared/exact-id.ts";
import { ifGiven } from "../shared/parts.ts";
import { dashed, digitsOf } from "../shared/uuid.ts";
import { listStep } from "./steps.ts";

/** A dynamic host volume and its node: undefined where the cluster has none of its id, null where that could not be read. */
export interface FoundVolume {
  readonly volume: HostVolume;
  readonly node: NodeStub | undefined | null;
}

/** So many volumes of a name are told apart, and names looked through for the nearest one: 0.3 KB each. */
const mostLooked = 100;
const mostNamed = 6;

/** @throws Refusal where the call is about all namespaces. */
export function oneNamespace(nomad: NomadClient): void {
  if (nomad.namespace !== "*") return;
  throw new Refusal(`A volume is in one namespace: name it with namespace=. ${unchanged}`);
}

/**
 * The dynamic host volume that a write is about: of exactly this name in the client's namespace, or the only one there whose
 * id begins with 8 or more such characters. Three requests.
 *
 * @throws Refusal where there is none, or several: of a name there is one on each of several nodes.
 */
export async function exactVolume(nomad: NomadClient, given: string): Promise<FoundVolume> {
  oneNamespace(nomad);
  const text = given.trim();
  const digits = digitsOf(text);
  const begun = digits === undefined || digits.length < 8 ? "" : ` or ID matches ${literal(`^${dashed(digits)}`)}`;
  const filter = `Name == ${literal(text)}${begun}`;
  const { items } = await nomad.list(volumes.list, { type: "host", filter, per_page: mostLooked });
  const [only, ...others] = items;
  if (only === undefined) throw await unknown(nomad, text);
  const known = await nodesOf(nomad, items);
  if (others.length > 0) {
    const fit = items.map(
      (each) => `${short(each.ID)} (on ${known?.get(each.NodeID ?? "")?.Name ?? "a node that is gone"})`,
    );
    throw new Refusal(
      `${plural(items.length, "volume")} fit ${text}: ${some(fit, mostNamed)}. Name one by its id. ${unchanged}`,
    );
  }
  const volume = await nomad.get(volumes.host, { volume_id: only.ID });
  return { volume, node: known === undefined ? null : known.get(volume.NodeID) };
}

/** The nodes of volumes, by their ids; undefined where they cannot be read. */
async function nodesOf(nomad: NomadClient, rows: readonly VolumeStub[]): Promise<Map<string, NodeStub> | undefined> {
  const ids = [...new Set(rows.flatMap(({ NodeID }) => NodeID || []))];
  const filter = ids.map((id) => `ID == ${literal(id)}`).join(" or ");
  const page = await ifGiven(nomad.list(nodes.list, { filter, per_page: ids.length }));
  return page && new Map(page.items.map((node) => [node.ID, node]));
}

/** What to say of a volume that there is not: where else it is, what it is instead, or the nearest name. */
async function unknown(nomad: NomadClient, text: string): Promise<Refusal> {
  const [all, csi] = await Promise.all([
    ifGiven(nomad.in("*").list(volumes.list, { type: "host", per_page: mostLooked })),
    ifGiven(nomad.list(volumes.list, { type: "csi", filter: `ID == ${literal(text)}`, per_page: 1 })),
  ]);
  const rows = all?.items ?? [];
  const elsewhere = rows.filter((each) => each.Name === text || (text.length >= 8 && each.ID.startsWith(text)));
  const places = [...new Set(elsewhere.map(({ Namespace }) => Namespace))];
  const near = nearest(
    text,
    rows.filter(({ Namespace }) => Namespace === nomad.namespace).map(({ Name }) => Name),
  );
  const hint =
    csi?.items[0] !== undefined
      ? "That is a CSI volume: a person deletes it with `nomad volume delete -type csi`."
      : places.length > 0
        ? `It is in ${plural(places.length, "namespace")} ${some(places, mostNamed)}: say which with namespace=.`
        : near !== undefined
          ? `The nearest is ${near}.`
          : `Static ones stand in the configuration of their client. ${listStep(nomad)} shows what there is.`;
  return new Refusal(
    `There is no dynamic host volume ${JSON.stringify(text.slice(0, 80))} in namespace ${nomad.namespace}. ${hint} ${unchanged}`,
  );
}
