import { literal } from "../../api/request/path.ts";
import { type VolumeClaim, type VolumeStub, volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { ifGiven } from "../shared/parts.ts";

const most = 100;

/** Which groups of jobs hold to these volumes: one request. Undefined where that cannot be read. */
export async function readClaims(
  nomad: NomadClient,
  rows: readonly Pick<VolumeStub, "ID">[],
): Promise<VolumeClaim[] | undefined> {
  if (rows.length === 0) return [];
  const filter = rows.map(({ ID }) => `VolumeID == ${literal(ID)}`).join(" or ");
  return (await ifGiven(nomad.list(volumes.claims, { filter, per_page: most })))?.items;
}
