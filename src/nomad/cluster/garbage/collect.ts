import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import type { NodeStub } from "../../../endpoints/nodes.ts";
import { operator } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { grouped, lines, plural, some } from "../../../text/words.ts";
import { changes } from "../../shared/changes.ts";
import { ifOffered } from "../../shared/next-step.ts";
import { clusterLine, type Preview, stampOf } from "../../shared/preview.ts";
import { sendOnce } from "../../shared/send-once.ts";
import type { Waiting } from "../../shared/waiting.ts";
import { deadJobs, type Garbage, readGarbage, stillThere } from "./garbage.ts";

const mostNamed = 12;
/** What the servers delete is gone within a second or two; what is left after so long, ms, stays. */
const working = 10_000;

/**
 * What a collection is about. The stamp is the job that has been dead for longest, which a collection deletes and what ends
 * meanwhile leaves as it is, and the nodes that are down.
 */
export function previewCollection(nomad: NomadClient, garbage: Garbage): Preview {
  const [job] = garbage.jobs.toSorted((one, other) => one.ModifyIndex - other.ModifyIndex);
  const down = garbage.nodes.map(({ ID }) => ID).toSorted();
  return {
    text: lines(
      "Delete what has ended, whatever its age, in all namespaces",
      `  dead jobs: ${counted(garbage.jobs.map(name(nomad)), garbage.moreJobs)}${garbage.jobs.length > 0 ? ", with their versions, allocations and logs" : ""}`,
      `  down nodes: ${counted(
        garbage.nodes.map(({ Name }) => Name),
        garbage.moreNodes,
      )}`,
      garbage.evaluations !== undefined &&
        `  evaluations: ${grouped(garbage.evaluations)} that are over, with the allocations that ended; those that hold what runs stay`,
      clusterLine(nomad),
    ),
    stamp: stampOf(nomad, job && [job.Namespace, job.ID, job.ModifyIndex], down),
  };
}

/**
 * Has the servers delete what has ended, once, and looks which of the dead jobs and down nodes are gone.
 *
 * @throws Refusal where this server may touch some namespaces only, or where the answer is lost.
 */
export async function collect(nomad: NomadClient, signal: AbortSignal, { until, report }: Waiting): Promise<Answer> {
  const before = await readGarbage(nomad, signal);
  const everywhere = nomad.in("*");
  const look = ifOffered("list_nomad_jobs", "list_nomad_jobs namespace=*", "nomad job status -namespace '*'");
  await sendOnce(
    async () => await nomad.write(operator.collectGarbage, {}),
    async () => await seenSince(nomad, before, signal),
    look,
  );
  report("the servers delete what has ended");
  const end = Math.min(until, Date.now() + working);
  const next = changes(everywhere, jobs.list, { filter: deadJobs }, end);
  let left = before.jobs;
  for (let now = await next(); now !== undefined; now = await next()) {
    left = stillThere(before.jobs, now);
    if (left.length === 0) break;
  }
  const after = await readGarbage(nomad, signal);
  const jobsLeft = stillThere(before.jobs, after.jobs);
  const nodesLeft = before.nodes.filter(({ ID }) => after.nodes.some((node) => node.ID === ID));
  return collected(nomad, before, { jobs: jobsLeft, nodes: nodesLeft, look });
}

async function seenSince(nomad: NomadClient, before: Garbage, signal: AbortSignal): Promise<string> {
  const left = stillThere(before.jobs, (await readGarbage(nomad, signal)).jobs);
  return `${left.length} of ${plural(before.jobs.length, "dead job")} ${left.length === 1 ? "is" : "are"} still there`;
}

function collected(
  nomad: NomadClient,
  before: Garbage,
  left: { readonly jobs: readonly JobStub[]; readonly nodes: readonly NodeStub[]; readonly look: string },
): Answer {
  const gone = before.jobs.length - left.jobs.length;
  const away = before.nodes.length - left.nodes.length;
  const more = before.moreJobs ? `, of more than ${grouped(before.jobs.length)}` : "";
  const what =
    before.jobs.length === 0
      ? "there was no dead job"
      : `${gone} of ${plural(before.jobs.length, "dead job")} ${gone === 1 ? "is" : "are"} deleted${more}`;
  return {
    headline: `Garbage collected in the whole cluster; ${what}`,
    sections: [
      left.jobs.length > 0 &&
        `Still there: ${some(left.jobs.map(name(nomad)), mostNamed)}: the servers are not through, something of them has not ended, or a version of them has a tag`,
      away > 0 && `${plural(away, "down node")} ${away === 1 ? "is" : "are"} forgotten`,
      left.nodes.length > 0 &&
        `Down, and still known: ${some(
          left.nodes.map(({ Name }) => Name),
          mostNamed,
        )}`,
    ],
    next: left.jobs.length > 0 ? [`${left.look} shows what there is`] : [],
    data: {
      deleted_jobs: gone,
      left_jobs: left.jobs.map(({ ID, Namespace }) => ({ job_id: ID, namespace: Namespace })),
      deleted_nodes: away,
    },
  };
}

function counted(names: readonly string[], more: boolean): string {
  if (names.length === 0) return "none";
  const count = `${more ? "more than " : ""}${grouped(names.length)}`;
  return names.length > mostNamed || more ? `${some(names, mostNamed)} (${count})` : some(names, mostNamed);
}

const name =
  (nomad: NomadClient) =>
  ({ ID, Namespace }: JobStub): string =>
    Namespace === nomad.home ? ID : `${ID} (namespace ${Namespace})`;
