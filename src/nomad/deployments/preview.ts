import type { Deployment } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, short } from "../../text/words.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { groupsOf, healthCounts, healthText, stateWords } from "./words.ts";

/**
 * What a change of a deployment is about. `what`: what would be done, as a sentence; `more`: lines behind the facts. The stamp is
 * its status and what a person decides by: canaries and their health, but not how far the rest has come.
 */
export function previewDeployment(
  nomad: NomadClient,
  deployment: Deployment,
  what: string,
  ...more: readonly (string | false)[]
): Preview {
  const { ID, JobID, JobVersion, Namespace, Status } = deployment;
  const { unhealthy } = healthCounts(deployment);
  const groups = groupsOf(deployment).map(([name, group]) => {
    const tried = group.DesiredCanaries > 0 && !group.Promoted;
    return [name, group.Promoted, group.PlacedCanaries, tried && group.HealthyAllocs, group.UnhealthyAllocs > 0];
  });
  return {
    text: lines(
      what,
      `  deployment: ${short(ID)} (${stateWords(deployment, nomad.now())})`,
      `  job: ${JobID} (version ${JobVersion})`,
      ...placeLines(nomad.in(Namespace)),
      `  allocations: ${healthText(deployment)}${unhealthy > 0 ? `, ${unhealthy} unhealthy` : ""}`,
      ...more,
    ),
    stamp: stampOf(nomad, ID, Status, groups),
  };
}
