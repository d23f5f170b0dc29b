import type { Deployment } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { age, fromNanoseconds } from "../../text/time.ts";
import { grouped, plural, short } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import type { ListedDeployments } from "./list.ts";
import {
  healthCounts,
  healthText,
  isActive,
  promoteStep,
  resumeStep,
  stateWords,
  waitsForPerson,
  whyNone,
} from "./words.ts";

/** So many of those that wait are named with what lets them go on. */
const mostSteps = 2;

/** What is rolling out, and what of it waits for a person. `asked`: the job that was asked about. */
export function deploymentsAnswer(found: ListedDeployments, asked: string | undefined): Answer {
  const { rows, ended, next, nomad, note } = found;
  const waiting = rows.filter(waitsForPerson);
  const more = next === undefined ? [] : [`cursor=${next}`];
  return {
    note,
    headline: headline(found, asked, waiting.length),
    sections: [
      rows.length > 0 && `\n${listed(rows, nomad)}`,
      ended.length > 0 && `The newest that ended:\n\n${listed(ended, nomad)}`,
    ],
    next: [...waiting.slice(0, mostSteps).map((each) => step(nomad, each)), ...more, ...look(found)],
    data: { deployments: rows.map(data), cursor: next },
  };
}

function headline(found: ListedDeployments, asked: string | undefined, waiting: number): string {
  const { rows, next, nomad, job } = found;
  const where = nomad.namespace === "*" ? "in all namespaces" : `in namespace ${nomad.namespace}`;
  const follow = next === undefined ? "" : ", more follow";
  const held = waiting === 0 ? "" : `; ${grouped(waiting)} ${waiting === 1 ? "waits" : "wait"} for a person`;
  if (rows.length === 0 && job !== undefined) return `${job.ID} (${where.slice(3)}) has no deployment: ${whyNone(job)}`;
  if (asked === undefined) {
    const none = next === undefined ? `No deployment goes on ${where}` : `No more deployments go on ${where}`;
    return rows.length === 0
      ? none
      : `${plural(rows.length, "deployment goes", "deployments go")} on ${where}${follow}${held}`;
  }
  const active = rows.filter(isActive).length;
  const goes = active === 0 ? "none goes on" : `${active} ${active === 1 ? "goes" : "go"} on`;
  return `${plural(rows.length, "deployment")} of ${rows[0]?.JobID ?? asked} ${where}${follow}, ${goes}${held}`;
}

function listed(rows: readonly Deployment[], nomad: NomadClient): string {
  const now = nomad.now();
  const everywhere = nomad.namespace === "*";
  const cells = rows.map((each) => {
    const { unhealthy } = healthCounts(each);
    return [
      short(each.ID),
      each.JobID,
      ...(everywhere ? [each.Namespace] : []),
      each.JobVersion,
      stateWords(each, now),
      `${healthText(each).replace(/ healthy$/, "")}${unhealthy > 0 ? `, ${grouped(unhealthy)} unhealthy` : ""}`,
      age(fromNanoseconds(each.CreateTime) ?? now, now),
    ];
  });
  const names = ["deployment", "job", ...(everywhere ? ["namespace"] : []), "version", "state", "healthy", "begun"];
  return table(names, cells);
}

/** What lets one go on that waits. */
function step(nomad: NomadClient, deployment: Deployment): string {
  const place = nomad.in(deployment.Namespace);
  return deployment.Status === "paused" ? resumeStep(place, deployment) : promoteStep(place, deployment);
}

/** The one that goes on by itself and is not well is worth a look. */
function look({ rows, nomad }: ListedDeployments): string[] {
  const ill = rows.find((each) => isActive(each) && healthCounts(each).unhealthy > 0);
  return ill
    ? [`${showStep(nomad.in(ill.Namespace), "deployment", short(ill.ID))} says what is unhealthy, and why`]
    : [];
}

function data(deployment: Deployment) {
  const { ID, JobID, JobVersion, Namespace, Status } = deployment;
  return {
    ...{ deployment_id: ID, job_id: JobID, namespace: Namespace, version: JobVersion, status: Status },
    waits_for_person: waitsForPerson(deployment),
    ...healthCounts(deployment),
  };
}
