import type { AllocationStub } from "../../../endpoints/allocations.ts";
import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import { gather } from "../../../text/gather.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { short } from "../../../text/words.ts";
import { lackOf } from "../../evaluations/placement/lack.ts";
import { allocationMoments, deploymentMoments, type Moment, nodeMoments } from "../../jobs/diagnose/moments.ts";
import { given } from "../../shared/parts.ts";
import type { Folded } from "../events/fold.ts";
import type { LookBack } from "./look-back.ts";

/** One thing that happened, or several alike. */
export interface Entry extends Folded {
  readonly at: number;
  readonly since: number;
  /** Of whom it tells: the key of a job, or the name of a node. */
  readonly about: string;
  /** `lack`: there was no place for it. */
  readonly kind: "failure" | "lack" | "other";
  /** The job, where it is about one. */
  readonly job: JobKey | undefined;
}

interface JobKey {
  readonly namespace: string;
  readonly id: string;
}

/** What happened in the time of a look back, in no order, nothing folded. `everywhere`: jobs are told with their namespace. */
export function entriesOf(look: LookBack, everywhere: boolean, now: number): Entry[] {
  const evaluations = given(look.evaluations)?.items ?? [];
  const deployments = given(look.deployments)?.items ?? [];
  const allocations = given(look.allocations)?.items ?? [];
  const nodes = given(look.nodes)?.items ?? [];
  const evaluatedFor = (trigger: RegExp) =>
    new Set(evaluations.filter(({ TriggeredBy }) => trigger.test(TriggeredBy)).map(keyOf));
  // Of one that a person stopped Nomad says, too, that it is migrated (operator-observed.md §3).
  const [moved, stopped] = [evaluatedFor(/^node-/), evaluatedFor(/^alloc-stop$/)];
  const failed = allocations.flatMap((allocation) =>
    ofAllocation(allocation, {
      ...{ everywhere, now },
      moved: moved.has(keyOf(allocation)) && !stopped.has(keyOf(allocation)),
    }),
  );
  const others = (given(look.allocations)?.others ?? []).filter(({ ClientStatus }) => ClientStatus === "failed");
  const named = new Set(nodes.map(({ ID }) => ID));
  const explained = new Set(failed.filter(({ kind }) => kind === "failure").map(({ about }) => about));
  const all = [
    ...failed,
    // Why was not looked into.
    ...others.flatMap((allocation) =>
      ofJob(allocation, everywhere)("an allocation failed", fromNanoseconds(allocation.ModifyTime), {
        kind: "failure",
      }),
    ),
    ...evaluations
      .flatMap((evaluation) => ofEvaluation(evaluation, { deployments, named, everywhere }))
      // That something failed is said by what failed, where that is known.
      .filter(({ kind, about }) => kind !== "failure" || !explained.has(about)),
    ...[...gather(deployments, keyOf).values()].flatMap((ofJob) =>
      ofJob.flatMap((deployment, index) => [
        ...ofDeployment(deployment, ofJob[index + 1], everywhere),
        ...beginning(deployment, evaluations, everywhere),
      ]),
    ),
    ...nodes.flatMap((node) =>
      nodeMoments(node).flatMap((moment) =>
        moment.kind === "landmark" ? [entry(`node ${node.Name}`, `node ${moment.text}`, moment.at)] : [],
      ),
    ),
  ];
  // Of what happened several times the last may lie after the time, and of what is told by the last the first before it.
  return all.filter(({ at, since }) => at >= look.from && since <= look.end);
}

const keyOf = ({ Namespace, JobID }: { readonly Namespace: string; readonly JobID: string }) => `${Namespace}/${JobID}`;

function entry(about: string, text: string, at: number, more: Partial<Entry> = {}): Entry {
  return { about, text, at, since: at, times: 1, kind: "other", job: undefined, ...more };
}

const run = /\/(periodic|dispatch)-[^/]*$/;

/** The job that a person knows: of a run its parent. */
function jobOf({ Namespace, JobID }: { readonly Namespace: string; readonly JobID: string }): JobKey {
  return { namespace: Namespace, id: JobID.replace(run, "") };
}

function called({ namespace, id }: JobKey, everywhere: boolean): string {
  return everywhere ? `${id} (${namespace})` : id;
}

function ofJob(object: { readonly Namespace: string; readonly JobID: string }, everywhere: boolean) {
  const job = jobOf(object);
  return (text: string, at: number | undefined, more: Partial<Entry> = {}): Entry[] =>
    at === undefined
      ? []
      : [entry(`${job.namespace}/${job.id}`, `${called(job, everywhere)}: ${text}`, at, { job, ...more })];
}

interface Around {
  readonly deployments: readonly Deployment[];
  /** The ids of nodes that are told of by themselves. */
  readonly named: ReadonlySet<string>;
  readonly everywhere: boolean;
}

/** What was done to a job, and what it had no place for: the rest is told by deployments, allocations and nodes. */
function ofEvaluation(evaluation: Evaluation, { deployments, named, everywhere }: Around): Entry[] {
  const { TriggeredBy, Status, NodeID = "", StatusDescription = "", JobID } = evaluation;
  const [at, ended] = [fromNanoseconds(evaluation.CreateTime), fromNanoseconds(evaluation.ModifyTime)];
  const tell = ofJob(evaluation, everywhere);
  const failed = Object.entries(evaluation.FailedTGAllocs ?? {});
  // The blocked one says again what the one before it said.
  const lacking = (Status === "blocked" ? [] : failed).flatMap(([group, metric]) =>
    tell(`no place for group ${group}: ${lackOf(metric, undefined, undefined)}`, at, { kind: "lack" }),
  );
  if (Status === "failed") return tell(`its evaluation failed (${quotedLine(StatusDescription, 80)})`, ended);
  switch (TriggeredBy) {
    case "job-register":
      return [...tell(registered(evaluation, deployments), at), ...lacking];
    case "job-deregister":
      return tell(run.test(JobID) ? "a run was stopped" : "stopped", at);
    case "job-scaling":
      return [...tell("scaled", at), ...lacking];
    case "periodic-job":
      return [...tell("a run began", at), ...lacking];
    case "alloc-stop":
      return [...tell("an allocation was stopped by hand", at), ...lacking];
    case "preemption":
      return [...tell("allocations were preempted by a job of higher priority", at), ...lacking];
    case "alloc-failure":
    case "alloc-reschedule":
      return [...tell("an allocation failed", at, { kind: "failure" }), ...lacking];
    case "queued-allocs":
      if (Status !== "complete") return [];
      return failed.length > 0 ? lacking : tell("room was found for what had waited for a place", ended);
    case "node-update":
    case "node-drain":
      // That of a drain names no node.
      if (at === undefined || NodeID === "" || named.has(NodeID)) return lacking;
      return [
        entry(`node ${short(NodeID)}`, `node ${short(NodeID)}: changed, its jobs were evaluated`, at),
        ...lacking,
      ];
    default:
      return lacking;
  }
}

function registered({ JobID, CreateIndex, JobModifyIndex }: Evaluation, deployments: readonly Deployment[]): string {
  if (run.test(JobID)) return "a run was dispatched";
  // What changes a job makes both at once (nomad-observed.md §4).
  if (JobModifyIndex !== undefined && JobModifyIndex !== CreateIndex) return "evaluated again, or submitted unchanged";
  const made = deployments.find(
    (each) => each.JobID === JobID && JobModifyIndex !== undefined && each.JobSpecModifyIndex === JobModifyIndex,
  );
  return made === undefined ? "submitted" : `version ${made.JobVersion} submitted`;
}

function ofDeployment(deployment: Deployment, before: Deployment | undefined, everywhere: boolean): Entry[] {
  const tell = ofJob(deployment, everywhere);
  return deploymentMoments(deployment, before).flatMap((moment) =>
    moment.kind === "landmark"
      ? tell(moment.text, moment.at, { kind: deployment.Status === "failed" ? "failure" : "other" })
      : [],
  );
}

const begins = /^(job-register|job-scaling|deployment-watcher)$/;

/** That a deployment began, where what began it is told of by nothing else any more. */
function beginning(deployment: Deployment, evaluations: readonly Evaluation[], everywhere: boolean): Entry[] {
  const begun = evaluations.some(
    (each) =>
      keyOf(each) === keyOf(deployment) &&
      each.JobModifyIndex === deployment.JobSpecModifyIndex &&
      begins.test(each.TriggeredBy),
  );
  const text = `deployment of version ${deployment.JobVersion} began`;
  return begun ? [] : ofJob(deployment, everywhere)(text, fromNanoseconds(deployment.CreateTime));
}

/** `moved`: whether what moved of the job surely did so because of a node. */
function ofAllocation(
  allocation: AllocationStub,
  { everywhere, now, moved }: { readonly everywhere: boolean; readonly now: number; readonly moved: boolean },
): Entry[] {
  const tell = ofJob(allocation, everywhere);
  const moments = allocationMoments(allocation, now, Number.POSITIVE_INFINITY);
  const notes = moments
    .filter(isNamed)
    .filter(({ kind, what }) => kind === "note" && (moved || !/migrated/.test(what)));
  const failures = moments.filter(isNamed).filter(({ kind }) => kind === "failure");
  return [
    ...notes.flatMap(({ who, what, at }) => tell(what.startsWith("leaves ") ? what : `${who} ${what}`, at)),
    ...failures.flatMap(({ what, at }) => tell(what, at, { kind: "failure" })),
    ...lost(moments).flatMap(({ what, from, to, count }) =>
      tell(what, to, { kind: "failure", since: from, times: count }),
    ),
  ];
}

type Repeated = Exclude<Moment, { kind: "landmark" }>;

const isNamed = (moment: Moment): moment is Repeated =>
  (moment.kind === "failure" || moment.kind === "note") && moment.what !== "";

/** Failures of which Nomad no longer keeps when they were: between when the task began and the first of which it does. */
function lost(moments: readonly Moment[]) {
  return moments.flatMap((moment) => {
    if (moment.kind !== "failure" || moment.what !== "") return [];
    const kept = moments
      .filter(isNamed)
      .filter(({ kind, subject }) => kind === "failure" && subject === moment.subject)
      .toSorted((one, other) => one.at - other.at)[0];
    return kept === undefined ? [] : [{ what: kept.what, from: moment.at, to: kept.at, count: moment.count ?? 1 }];
  });
}
