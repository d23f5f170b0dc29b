import { Refusal } from "../../../api/errors/refusal.ts";
import { nodes as routes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { all, some } from "../../../text/words.ts";
import { ifGiven } from "../../shared/parts.ts";
import { healthyDrivers } from "./constraint-reasons.ts";
import { inReach } from "./meets.ts";

/** More nodes than this are not read: that none of them has a driver is then not known. */
const mostNodes = 50;

/**
 * The refusal of a new job that no node could ever run, since none where it may be has the driver, be it up or not.
 * Undefined where one has it, where the nodes are not all known, and where there are none yet.
 */
export async function withoutDriver(
  nomad: NomadClient,
  job: { readonly id: string; readonly datacenters: readonly string[]; readonly driver: string },
): Promise<Refusal | undefined> {
  const page = await ifGiven(nomad.list(routes.list, { per_page: mostNodes }));
  if (page === undefined || page.next !== undefined) return undefined;
  const { datacenters, driver, id } = job;
  const there = page.items.filter((node) => inReach({ Datacenters: datacenters }, node));
  const having = page.items.filter(({ Drivers }) => Drivers?.[driver]?.Detected);
  if (there.length === 0 || there.some((node) => having.includes(node))) return undefined;
  const drivers = healthyDrivers(there);
  const others = drivers.length > 0 ? `; there ${drivers.length === 1 ? "is" : "are"} ${all(drivers)}` : "";
  const elsewhere = [...new Set(having.map(({ Datacenter }) => Datacenter))].toSorted();
  const where = elsewhere.length > 0 ? ` of datacenter ${all(datacenters, "or")}` : "";
  const cure =
    elsewhere.length > 0
      ? `datacenters=${some(elsewhere, 3, "or")}, where nodes have ${driver}`
      : `install ${driver} on a node and restart its Nomad client, or submit a job file with another driver`;
  return new Refusal(
    `No node can run ${id}: ${driver} is on no node${where}${others}. Nothing was submitted.\nNext: ${cure}`,
  );
}
