import type { NomadClient } from "../../../nomad-client.ts";
import { withoutDriver } from "../../evaluations/placement/runnable.ts";
import { readPresent } from "./present.ts";
import { alreadyThere } from "./register.ts";
import type { SimpleJob } from "./simple-job.ts";

/** @throws Refusal where no node has docker, or where there is a job of the id, which is then what matters. */
export async function requireRunnable(
  nomad: NomadClient,
  { job_id: id, datacenters = [] }: Pick<SimpleJob, "job_id" | "datacenters">,
): Promise<void> {
  const job = { id, driver: "docker", datacenters: datacenters.length > 0 ? datacenters : ["*"] };
  const refusal = await withoutDriver(nomad, job);
  if (refusal === undefined) return;
  const present = await readPresent(nomad, id);
  throw present === undefined ? refusal : alreadyThere(nomad, id, present);
}
