import { evaluations } from "../../endpoints/evaluations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fullId } from "../shared/find-id.ts";

/** The full id of an evaluation, from 8 or more characters of it. @throws Refusal as {@link fullId}. */
export async function evaluationId(nomad: NomadClient, given: string): Promise<string> {
  return await fullId(nomad, evaluations, given, ({ JobID, Status }) => `${JobID}, ${Status}`, true);
}
