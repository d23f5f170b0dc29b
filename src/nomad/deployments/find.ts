import { deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fullId } from "../shared/find-id.ts";

/** The full id of a deployment, from 8 or more characters of it. @throws Refusal as {@link fullId}. */
export async function deploymentId(nomad: NomadClient, given: string): Promise<string> {
  const name = ({ JobID, JobVersion }: { JobID: string; JobVersion: number }) => `${JobID} version ${JobVersion}`;
  return await fullId(nomad, deployments, given, name, true);
}
