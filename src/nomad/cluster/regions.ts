import { operator } from "../../endpoints/operator.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { ifGiven } from "../shared/parts.ts";

/** The regions that are federated, each with its own servers, jobs and nodes. */
export interface Regions {
  /** The one that a request asks; undefined where the token may not see which one that is. */
  readonly own: string | undefined;
  /** By name; where `own` is not known, all of them. */
  readonly others: readonly string[];
}

/** One request; where several are federated and none is set a second one, which needs `node:read`. */
export async function readRegions(nomad: NomadClient): Promise<Regions> {
  const names = await nomad.get(operator.regions);
  const [only] = names.length === 1 ? names : [];
  const own = nomad.region ?? only ?? (await ifGiven(nomad.get(operator.members)))?.ServerRegion;
  return { own, others: names.filter((name) => name !== own).sort() };
}
