import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import type { ClusterEvent, EventNode } from "../../../endpoints/events.ts";
import { fromGoTime, fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all, short } from "../../../text/words.ts";
import { healthCounts, healthText } from "../../deployments/words.ts";
import { statusText } from "../../nodes/words.ts";
import { type AllocationSeen, seenOf, tellAllocation } from "./tell-allocation.ts";

/** One event in words. */
export interface Told {
  /** When it happened, ms; undefined where the object does not say. */
  readonly at: number | undefined;
  /** "allocation 4f2a9c31 web.api[2] on client-1: running -> failed" */
  readonly text: string;
}

/** Log entries that change a job only in that its status follows from its allocations. */
const indirect = new Set(["PlanResult", "AllocationUpdated", "EvaluationUpdated"]);

/**
 * Puts events in words, each by what it changed against the one before of the same object: Nomad sends the whole object
 * whenever anything in it changed. What changed nothing that matters gives undefined. `evaluations`: also those of which
 * nothing is wrong.
 */
export function createTeller(evaluations: boolean): (event: ClusterEvent) => Told | undefined {
  const allocations = new Map<string, AllocationSeen>();
  const states = new Map<string, string>();

  /** The state before, where it was another; undefined where the state is the same. */
  const changed = (key: string, now: string): { from: string | undefined } | undefined => {
    const from = states.get(key);
    states.set(key, now);
    return from === now ? undefined : { from };
  };
  const arrow = (from: string | undefined, now: string) => (from === undefined ? now : `${from} -> ${now}`);

  const ofJob = ({ Type, Payload, Namespace }: ClusterEvent): string | undefined => {
    const job = Payload?.Job;
    if (job === undefined) return undefined;
    const change = changed(
      `job ${Namespace}/${job.ID}`,
      Payload?.Deleted ? "purged" : job.Stop ? "stopped" : job.Status,
    );
    if (Payload?.Deleted) return `job ${job.ID}: purged`;
    if (Type === "JobRegistered") return `job ${job.ID}: version ${job.Version} registered`;
    if (Type === "JobDeregistered" || Type === "JobBatchDeregistered") return `job ${job.ID}: stopped`;
    if (!indirect.has(Type)) return `job ${job.ID}: ${Type}`;
    return change?.from === undefined || job.Stop ? undefined : `job ${job.ID}: ${arrow(change.from, job.Status)}`;
  };

  const ofEvaluation = (evaluation: Evaluation): string | undefined => {
    const { ID, JobID, Status, TriggeredBy, StatusDescription } = evaluation;
    const change = changed(`evaluation ${ID}`, Status);
    const bad = Status === "blocked" || Status === "failed";
    if (change === undefined || !(evaluations || bad)) return undefined;
    const groups = Object.keys(evaluation.FailedTGAllocs ?? {});
    const notes = [
      change.from === undefined && TriggeredBy,
      groups.length > 0 && `no place for ${groups.length === 1 ? "group" : "groups"} ${all(groups)}`,
      Status === "failed" && StatusDescription && quotedLine(StatusDescription, 120),
    ].filter(Boolean);
    return `evaluation ${short(ID)} of ${JobID}: ${arrow(change.from, Status)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
  };

  const ofDeployment = (deployment: Deployment) => {
    const { ID, JobID, JobVersion, Status, StatusDescription } = deployment;
    const { unhealthy } = healthCounts(deployment);
    const counts = `${healthText(deployment)}${unhealthy > 0 ? `, ${unhealthy} unhealthy` : ""}`;
    const status = changed(`deployment ${ID}`, Status);
    const health = changed(`health of ${ID}`, counts);
    if (status === undefined && health === undefined) return undefined;
    const why = status && Status !== "running" && StatusDescription ? ` (${quotedLine(StatusDescription, 120)})` : "";
    const what = status ? `${arrow(status.from, Status)}${why}` : Status;
    return `deployment ${short(ID)} of ${JobID} version ${JobVersion}: ${what}, ${counts}`;
  };

  const ofNode = ({ Type }: ClusterEvent, node: EventNode): string | undefined => {
    const last = node.Events?.at(-1);
    const state = changed(`node ${node.ID}`, statusText(node));
    const news = changed(`news of ${node.ID}`, `${last?.Timestamp} ${last?.Message}`);
    // The allocations of a node change it, too: that says nothing of the node.
    const known = state?.from !== undefined || news?.from !== undefined || !indirect.has(Type);
    if (!known || (state === undefined && news === undefined)) return undefined;
    const message = news && last ? ` (${quotedLine(last.Message, 120)})` : "";
    return `node ${node.Name}: ${arrow(state?.from, statusText(node))}${message}`;
  };

  const text = (event: ClusterEvent): string | undefined => {
    const { Allocation, Evaluation, Deployment, Node, Service } = event.Payload ?? {};
    if (Allocation) {
      const before = allocations.get(Allocation.ID);
      allocations.set(Allocation.ID, seenOf(Allocation));
      return tellAllocation(event, Allocation, before);
    }
    if (Evaluation) return ofEvaluation(Evaluation);
    if (Deployment) return ofDeployment(Deployment);
    if (Node) return ofNode(event, Node);
    if (Service) {
      const what = event.Type === "ServiceDeregistration" ? "gone from" : "registered at";
      const place = Service.Address ? `${Service.Address}:${Service.Port}` : `allocation ${short(Service.AllocID)}`;
      return `service ${Service.ServiceName} of ${Service.JobID}: ${what} ${place}`;
    }
    return ofJob(event);
  };

  return (event) => {
    const told = text(event);
    return told === undefined ? undefined : { text: told, at: timeOf(event) };
  };
}

/** When an event happened, ms, by the object in it; undefined where that does not say, as of services and old jobs. */
export function timeOf({ Type, Payload }: ClusterEvent): number | undefined {
  const { Allocation, Evaluation, Deployment, Node, Job } = Payload ?? {};
  const changed = Allocation ?? Evaluation ?? Deployment;
  if (changed) return fromNanoseconds(changed.ModifyTime);
  if (Node && !indirect.has(Type)) return fromGoTime(Node.Events?.at(-1)?.Timestamp) ?? Node.StatusUpdatedAt * 1000;
  // Only its registration has a time of its own.
  return Job && Type === "JobRegistered" ? fromNanoseconds(Job.SubmitTime) : undefined;
}
