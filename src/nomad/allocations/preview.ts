import type { Allocation } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, short } from "../../text/words.ts";
import { stampOf } from "../shared/preview.ts";
import { allocationVerdict } from "./allocation-verdict.ts";
import { hasEnded, shortName } from "./words.ts";

/** What a person is shown of an allocation before it is changed, and the state to which their consent is bound. */
export interface AllocationPreview {
  readonly text: string;
  /** Its version, whether it is to run, and has ended; not how often its tasks have started, which of a crash loop no consent would outlast. */
  readonly stamp: string;
}

/** What a change of an allocation is about. `what`: what would be done, as a sentence; `more`: lines behind the facts. */
export function previewAllocation(
  nomad: NomadClient,
  allocation: Allocation,
  what: string,
  ...more: readonly (string | false)[]
): AllocationPreview {
  const { ID, JobID, JobType, JobVersion, Namespace, NodeName, DesiredStatus } = allocation;
  const region = nomad.region === undefined ? "" : `, region ${nomad.region}`;
  return {
    text: lines(
      what,
      `  allocation: ${short(ID)} (${shortName(allocation)} on ${NodeName}; it ${allocationVerdict(allocation, nomad.now()).sentence})`,
      `  job: ${JobID} (${JobType}, version ${JobVersion})`,
      `  namespace: ${Namespace}`,
      `  cluster: ${nomad.address}${region}`,
      ...more,
    ),
    stamp: stampOf(nomad, ID, JobVersion, DesiredStatus, hasEnded(allocation)),
  };
}
