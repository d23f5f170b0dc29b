import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { lines, plural, some } from "../../text/words.ts";
import { type Aim, runningFilter } from "../jobs/restart/aim.ts";
import type { Bound, Progress } from "../jobs/restart/restart-cursor.ts";
import { restartMark } from "../jobs/restart/restart-mark.ts";
import { isRunning } from "../jobs/restart/restarted.ts";
import { exactNode } from "../nodes/find.ts";
import { nodeState, statusText } from "../nodes/words.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { called } from "./words.ts";

/** Which allocations are restarted together: on a node, of a job, or both. */
export interface Many {
  readonly node: NodeStub | undefined;
  readonly job: { readonly ID: string; readonly CreateIndex: number; readonly JobModifyIndex: number } | undefined;
  readonly group: string | undefined;
  readonly task: string | undefined;
  readonly onlyUnhealthy: boolean;
}

/** So many are restarted in one go, with however many calls. */
const most = 200;
/** So many of them are named beforehand. */
const mostNamed = 12;
/** A node is asked about checks for so long, ms. */
const patience = 3_000;

/** "what runs of web on client-1", "what is unhealthy of web" */
export function subjectOf({ node, job, group, task, onlyUnhealthy }: Many): string {
  const of = [task && `task ${task}`, group && `group ${group}`, job?.ID].filter(Boolean).join(" of ");
  return [onlyUnhealthy ? "what is unhealthy" : "what runs", of && `of ${of}`, node && `on ${node.Name}`]
    .filter(Boolean)
    .join(" ");
}

/**
 * Nomad's filter for them, and who of those that run is unhealthy: by its deployment, or by a check that fails.
 *
 * @throws Refusal for a task whose name no filter can have.
 */
export function aimOf(nomad: NomadClient, { node, job, group, task, onlyUnhealthy }: Many): Aim {
  if (task !== undefined && !/^[\w.-]+$/.test(task)) {
    throw new Refusal(`Task ${task} cannot be looked for by its name: leave it out. Nothing was restarted.`);
  }
  const among = [node && `NodeID == ${literal(node.ID)}`, job && `JobID == ${literal(job.ID)}`];
  return {
    among: among.filter(Boolean).join(" and "),
    ...(task !== undefined && { having: `("${task}" in TaskStates and "/TaskStates/${task}/State" == "running")` }),
    groups: group === undefined ? undefined : [group],
    oldest: job?.CreateIndex ?? 0,
    ...(onlyUnhealthy && { pick: (running: readonly AllocationStub[]) => unhealthyOf(nomad, running) }),
  };
}

/** What a cursor is bound to: the same allocations, asked for in the same way. */
export function boundTo({ namespace }: NomadClient, { node, job, group, task, onlyUnhealthy }: Many): Bound {
  return [namespace, node?.ID, job?.ID, job?.CreateIndex, group, task, onlyUnhealthy];
}

/** Where their restart begins. @throws Refusal where none of them runs, or too many do. */
export async function beginningOf(nomad: NomadClient, many: Many): Promise<Progress> {
  const meant = await meantNow(nomad, many);
  return {
    ...{ start: Math.max(...meant.map(({ CreateIndex }) => CreateIndex)), last: undefined },
    ...{ sent: 0, total: meant.length, page: undefined },
  };
}

/** What a person is shown before. The stamp is the node's state, the job's version, and when somebody last restarted what is next. */
export async function previewMany(nomad: NomadClient, many: Many, from: Progress | undefined): Promise<Preview> {
  const { task } = many;
  const meant = await meantNow(nomad, many);
  const left = from === undefined ? meant.length : Math.min(meant.length, from.total - from.sent);
  const mark = await restartMark(nomad, { ...aimOf(nomad, many), replaced: undefined }, from);
  // Read last: a change that is sent upon this comes right behind it.
  const [node, job] = await Promise.all([
    many.node && exactNode(nomad, many.node.ID),
    many.job && nomad.get(jobs.get, { job_id: many.job.ID }),
  ]);
  return {
    text: lines(
      `Restart ${task === undefined ? "" : `task ${task} in `}${subjectOf({ ...many, task: undefined })}, one batch after the other`,
      node && `  node: ${node.Name} (${statusText(node)})`,
      job && `  job: ${job.ID}`,
      ...placeLines(nomad),
      `  allocations: ${from === undefined ? "" : `${plural(left, "is", "are")} left of `}${some(meant.map(named(many)), mostNamed)}`,
    ),
    stamp: stampOf(
      nomad,
      ...[nomad.namespace, subjectOf(many), node && nodeState(node), job?.CreateIndex, job?.JobModifyIndex, mark],
    ),
  };
}

const named =
  ({ job }: Many) =>
  (allocation: AllocationStub) =>
    job === undefined ? `${allocation.JobID} ${called(allocation)}` : called(allocation);

/** Those that run now and are meant. */
async function meantNow(nomad: NomadClient, many: Many): Promise<readonly AllocationStub[]> {
  const aim = aimOf(nomad, many);
  const query = { filter: runningFilter(aim), task_states: false, per_page: most };
  const { items, next } = await nomad.list(allocations.list, query);
  const where = `in namespace ${nomad.namespace}`;
  if (next !== undefined) {
    throw new Refusal(
      `More than ${most} allocations run there ${where}. Nothing was restarted.\nNext: name a job_id or group as well; restart_job restarts a job however many it has`,
    );
  }
  const running = items.filter((each) => each.CreateIndex >= aim.oldest && isRunning(each));
  const meant = (await aim.pick?.(running)) ?? running;
  if (meant.length > 0) return meant;
  const healthy = running.length > 0 ? ` (${plural(running.length, "runs", "run")}, with no check that fails)` : "";
  const what = subjectOf(many).replace(/^what /, "");
  throw new Refusal(`Nothing ${what} ${where}${healthy}. Nothing was restarted.`);
}

async function unhealthyOf(nomad: NomadClient, running: readonly AllocationStub[]): Promise<AllocationStub[]> {
  const limited = nomad.within(AbortSignal.timeout(patience));
  const ill = await Promise.all(
    running.map(async ({ ID, DeploymentStatus }) => {
      if (DeploymentStatus?.Healthy === false) return true;
      try {
        const checks = await limited.get(allocations.checks, { allocation_id: ID });
        return Object.values(checks ?? {}).some(({ Status }) => Status === "failure");
      } catch (error) {
        // Of what cannot be asked nothing is known, and a node that is away restarts nothing.
        if (!(error instanceof NomadError)) throw error;
        return false;
      }
    }),
  );
  return running.filter((_, index) => ill[index]);
}
