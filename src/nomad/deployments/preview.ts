import type { Deployment } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, short } from "../../text/words.ts";
import { groupsOf, healthCounts, healthText, stateWords } from "./words.ts";

/** What a person is shown of a deployment before it is changed, and the state to which their consent is bound. */
export interface DeploymentPreview {
  readonly text: string;
  /** Its status, and what a person decides by: canaries and their health, but not how far the rest has come. */
  readonly stamp: string;
}

/** What a change of a deployment is about. `what`: what would be done, as a sentence; `more`: lines behind the facts. */
export function previewDeployment(
  nomad: NomadClient,
  deployment: Deployment,
  what: string,
  ...more: readonly (string | false)[]
): DeploymentPreview {
  const { ID, JobID, JobVersion, Namespace, Status } = deployment;
  const region = nomad.region === undefined ? "" : `, region ${nomad.region}`;
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
      `  namespace: ${Namespace}`,
      `  cluster: ${nomad.address}${region}`,
      `  allocations: ${healthText(deployment)}${unhealthy > 0 ? `, ${unhealthy} unhealthy` : ""}`,
      ...more,
    ),
    stamp: JSON.stringify([nomad.address, ID, Status, groups]),
  };
}
