import { allocations } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fullId } from "../shared/find-id.ts";

/** The full id of an allocation, from 8 or more characters of it. @throws Refusal as {@link fullId}. */
export async function allocationId(nomad: NomadClient, given: string): Promise<string> {
  return await fullId(nomad, allocations, given, ({ Name }) => Name);
}
