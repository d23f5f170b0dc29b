import type { Allocation } from "../../endpoints/allocations.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, short } from "../../text/words.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { allocationVerdict } from "./allocation-verdict.ts";
import { hasEnded, shortName } from "./words.ts";

/**
 * What a change of an allocation is about. `what`: what would be done, as a sentence; `more`: lines behind the facts. The stamp
 * is its version, whether it is to run, and has ended; not how often its tasks have started, which of a crash loop no consent
 * would outlast.
 */
export function previewAllocation(
  nomad: NomadClient,
  allocation: Allocation,
  what: string,
  ...more: readonly (string | false)[]
): Preview {
  const { ID, JobID, JobType, JobVersion, Namespace, NodeName, DesiredStatus } = allocation;
  return {
    text: lines(
      what,
      `  allocation: ${short(ID)} (${shortName(allocation)} on ${NodeName}; it ${allocationVerdict(allocation, nomad.now()).sentence})`,
      `  job: ${JobID} (${JobType}, version ${JobVersion})`,
      ...placeLines(nomad.in(Namespace)),
      ...more,
    ),
    stamp: stampOf(nomad, ID, JobVersion, DesiredStatus, hasEnded(allocation)),
  };
}
