import { HttpError, notInDemo, serverError } from "../errors.ts";
import { newEvaluation } from "../state/fresh.ts";
import { isActive } from "../state/job-status.ts";
import type { Job, TaskGroup } from "../state/job-types.ts";
import { jobKey, latestDeployment, type Store } from "../state/store.ts";
import type { Registered } from "./registry.ts";

/** What a body of POST /v1/job/:id/scale asks for. */
export interface ScalingRequest {
  Count?: number | null;
  Target?: Record<string, string> | null;
  Message?: string;
  Meta?: Record<string, unknown> | null;
  JobModifyIndex?: number;
}

/** One change of a group's count, as the servers remember it. */
export interface ScalingEvent {
  Time: number;
  Count: number;
  PreviousCount: number;
  Message: string;
  Error: boolean;
  Meta: Record<string, unknown> | null;
  EvalID: string | null;
  CreateIndex: number;
}

/** The servers' job_max_count where nothing is configured. */
const MOST = 50_000;
const KEPT_EVENTS = 20;
const events = new WeakMap<Store, Map<string, ScalingEvent[]>>();

function eventsOf(store: Store): Map<string, ScalingEvent[]> {
  const known = events.get(store) ?? new Map<string, ScalingEvent[]>();
  events.set(store, known);
  return known;
}

const groupKey = (job: Job, group: string) => `${jobKey(job.Namespace, job.ID)}\0${job.CreateIndex}\0${group}`;

/** The changes of a group's count, newest first; null where there was none. */
export function scalingEvents(store: Store, job: Job, group: string): ScalingEvent[] | null {
  return eventsOf(store).get(groupKey(job, group)) ?? null;
}

/** Gives a group of a job another count: a new version, an evaluation of it, and a scaling event. */
export function scaleJob(store: Store, namespace: string, id: string, request: ScalingRequest): Registered {
  const { Count: count, Target: target, Message: message = "" } = request;
  const name = target?.Group ?? "";
  if (name === "") throw new HttpError(400, "missing task group name for scaling action");
  if (count === null || count === undefined) throw notInDemo("recording a scaling event without a count");
  if (count < 0) throw new HttpError(400, "scaling action count can't be negative");
  const job = store.jobs.get(jobKey(namespace, id));
  if (!job) throw new HttpError(404, `job ${JSON.stringify(id)} not found`);
  if (job.Type === "system" && count > 1)
    throw new HttpError(400, 'jobs of type "system" can only be scaled between 0 and 1');
  const group = job.TaskGroups.find((candidate) => candidate.Name === name);
  if (!group)
    throw new HttpError(400, `task group ${JSON.stringify(name)} specified for scaling does not exist in job`);
  checkBounds(group, count);
  const total = job.TaskGroups.reduce((sum, each) => sum + (each === group ? count : each.Count), 0);
  if (total > MOST) throw serverError(`total count was greater than configured job_max_count: ${total} > ${MOST}`);
  const deployment = latestDeployment(store, jobKey(namespace, id));
  if (deployment && isActive(deployment) && deployment.JobCreateIndex === job.CreateIndex)
    throw new HttpError(400, "job scaling blocked due to active deployment");
  const index = request.JobModifyIndex ?? 0;
  if (index > 0 && index !== job.JobModifyIndex)
    throw serverError(
      `Enforcing job modify index ${index}: job exists with conflicting job modify index: ${job.JobModifyIndex}`,
    );
  const TaskGroups = job.TaskGroups.map((each) => (each === group ? { ...each, Count: count } : each));
  const jobModifyIndex = store.write((put) => put.job({ ...job, TaskGroups, SubmitTime: store.stamp() }));
  const scheduled = !job.Periodic && !job.ParameterizedJob;
  const evaluation = scheduled
    ? newEvaluation(store, job, "job-scaling", { JobModifyIndex: jobModifyIndex })
    : undefined;
  const evalIndex = evaluation ? store.write((put) => put.evaluation(evaluation)) : 0;
  const EvalID = evaluation?.ID ?? null;
  const eventIndex = store.write((_, CreateIndex) => {
    const key = groupKey(job, name);
    const known = eventsOf(store).get(key) ?? [];
    const event: ScalingEvent = {
      ...{ Time: store.stamp(), Count: count, PreviousCount: group.Count, Message: message },
      ...{ Error: false, Meta: request.Meta ?? null, EvalID, CreateIndex },
    };
    eventsOf(store).set(key, [event, ...known].slice(0, KEPT_EVENTS));
  });
  return { evalId: EvalID ?? "", evalIndex, jobModifyIndex, index: eventIndex, warnings: "" };
}

function checkBounds({ Scaling }: TaskGroup, count: number): void {
  if (!Scaling) return;
  const [least, most] = [Number(Scaling.Min), Number(Scaling.Max)];
  if (count < least) throw new HttpError(400, `group count was less than scaling policy minimum: ${count} < ${least}`);
  if (most < count) throw new HttpError(400, `group count was greater than scaling policy maximum: ${count} > ${most}`);
}
