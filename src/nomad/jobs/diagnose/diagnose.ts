import type { NomadError } from "../../../api/errors/errors.ts";
import type { AllocationStub } from "../../../endpoints/allocations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import type { Node } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { allocationTroubles } from "../../allocations/trouble.ts";
import { ifGiven } from "../../shared/parts.ts";
import { readJob } from "../find.ts";
import { judge } from "../health/health.ts";
import { isParent, type JobState, readJobState, withTasks } from "../health/job-state.ts";
import type { Verdict } from "../health/verdict.ts";
import { type Versions, versionHistory } from "../versions/versions.ts";
import { missedParts } from "./missed.ts";
import { lastHour, momentsOf } from "./moments.ts";
import { type AffectedNode, affectedNodes, nodeLines, notTheNode, onlyThere, othersLine, readNode } from "./nodes.ts";
import { judgeFamily } from "./parent.ts";
import { stepsFor } from "./steps.ts";
import { timelineLines } from "./timeline.ts";
import { changesTo, recentChange, workedBefore } from "./versions.ts";

/** What a good engineer would say of a job after having looked at everything. */
export interface Diagnosis {
  readonly job: Job;
  /** How the job was found, where that is worth saying. */
  readonly note: string | undefined;
  /** The server's clock, ms. */
  readonly now: number;
  readonly verdict: Verdict;
  /** How the newest children of a parent ended; empty for others. */
  readonly runs: string;
  /** What the version in question changed, the first line saying between which; empty where that tells nothing. */
  readonly changed: readonly string[];
  /** What is wrong with the nodes in question, and what else fails there. */
  readonly nodes: readonly string[];
  /** What happened in the last hour, oldest first; empty where the verdict says it all. */
  readonly timeline: readonly string[];
  /** What could not be got, and why. */
  readonly missed: readonly string[];
  /** One to three, safest first; none where all is well. */
  readonly next: readonly string[];
}

/** Everything is read within this, in ms: the answer is to be there after 10 s. */
const longest = 9_000;
/** So many nodes are looked at, with two requests each. */
const mostNodes = 2;
/** The newest five allocations, those in trouble, and the last ten events of each task, are all that is read: more may have happened. */
const [mostLatest, mostEvents] = [5, 10];

/**
 * Looks at a job and all around it: some 10 requests for one that is well, 21 at most, whatever the size of its past
 * and of the cluster, in three rounds. What cannot be read beside the job itself is left out and named.
 *
 * @throws Refusal where there is no such job, or several.
 * @throws NomadError where the job itself cannot be read.
 */
export async function diagnose(nomad: NomadClient, jobId: string, within = longest): Promise<Diagnosis> {
  const failures: NomadError[] = [];
  const bounded = nomad.bounded(within, (failure) => failures.push(failure));
  const found = await readJob(bounded, jobId, (client, id) => client.get(jobs.get, { job_id: id }));
  const { value: job, note } = found;
  const parent = isParent(job);
  const [read, versions] = await Promise.all([
    parent ? judgeFamily(found.nomad, job) : readJobState(found.nomad, found.id, job),
    job.Version > 0 ? ifGiven(versionHistory(found.nomad, found.id)) : undefined,
  ]);
  const state = "parent" in read ? (read.child ?? read.parent) : read;
  const troubles = allocationTroubles(state);
  const ids = parent ? [] : affectedNodes(state, troubles, room(state, note));
  const [verdict, nodes] = await Promise.all([
    "parent" in read ? read.verdict : judge(state),
    Promise.all(ids.map((id) => readNode(found.nomad, id, job.ID))),
  ]);
  const now = found.nomad.now();
  const bad = isBad(verdict);
  const version = inQuestion(verdict, state, job);
  const worked = bad && versions ? workedBefore(versions, version) : undefined;
  const goneBad = versions?.versions.find((each) => each.Version === version)?.Stable !== true;
  return {
    ...{ job, note, now, verdict },
    runs: "parent" in read ? read.runs : "",
    changed: bad
      ? changed(verdict, changesTo(version, versions, job, now))
      : job.Stop
        ? []
        : recentChange(versions, job, now),
    nodes: [
      ...nodes.flatMap((node) => nodeLines(node, state)),
      onlyThere(state, troubles),
      notTheNode(troubles),
      ...nodes.map((node) => othersLine(node, troubles, now)),
    ].filter(Boolean),
    timeline: history(state, versions, nodes, bad, now),
    missed: missedParts(failures),
    next: stepsFor(verdict, state, goneBad ? worked?.Version : undefined),
  };
}

/** How many nodes may still be looked at: searching for the job, and asking why it has no place, cost requests. */
function room({ evaluations }: JobState, note: string | undefined): number {
  const blocked = evaluations.some(({ Status }) => Status === "blocked");
  return mostNodes - (note === undefined ? 0 : 1) - (blocked ? 1 : 0);
}

function isBad({ condition, causes }: Verdict): boolean {
  const well = ["running", "complete", "stopped", "stopping", "deploying", "pending", "waiting"];
  return causes.length > 0 || !well.includes(condition);
}

/** That nothing was changed tells something of what ran: a job that has no place never did. */
function changed({ causes }: Verdict, lines: readonly string[]): readonly string[] {
  return lines.length > 1 || causes.some(({ allocation }) => allocation !== undefined) ? lines : [];
}

/** The version that the trouble is with: not always the newest, which may be the one that was rolled back to. */
function inQuestion({ causes, condition }: Verdict, { deployments }: JobState, job: Job): number {
  const failed = condition === "rolled back" ? deployments.find(({ Status }) => Status === "failed") : undefined;
  const told = causes.find(({ allocation }) => allocation?.JobID === job.ID)?.allocation;
  return failed?.JobVersion ?? told?.JobVersion ?? job.Version;
}

/** True of an allocation of which more happened in the last hour than is kept. */
function isCut({ CreateTime, TaskStates }: AllocationStub, now: number): boolean {
  const counts = Object.values(TaskStates ?? {}).map(({ Events }) => Events?.length ?? 0);
  return now - (fromNanoseconds(CreateTime) ?? 0) > lastHour && Math.max(0, ...counts) >= mostEvents;
}

function history(
  state: JobState,
  versions: Versions | undefined,
  nodes: readonly AffectedNode[],
  bad: boolean,
  now: number,
): string[] {
  // What is told of a run is not about the versions of its parent.
  const own = (state.job.ParentID === "" && versions?.versions) || [state.job];
  const read = nodes.flatMap(({ node }): Node[] => (node ? [node] : []));
  const moments = momentsOf(state, own, read);
  const ofTasks = moments.filter(({ kind }) => kind !== "landmark");
  const recent = ofTasks.filter(({ at }) => now - at < lastHour);
  // Versions and deployments that went well are told by the verdict.
  if (!bad && recent.length === 0 && nodes.length === 0) return [];
  const full = state.latest.length >= mostLatest || withTasks(state).some((each) => isCut(each, now));
  const repeated = ofTasks.filter(({ kind }) => kind !== "note");
  const first = Math.min(...repeated.map(({ at }) => at));
  return timelineLines(moments, now, full && repeated.length > 0 ? first : undefined);
}
