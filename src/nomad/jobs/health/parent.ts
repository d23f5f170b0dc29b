import { NomadError } from "../../../api/errors/errors.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { Job } from "../../../endpoints/job.ts";
import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromGoTime, fromNanoseconds, iso, span } from "../../../text/time.ts";
import { all } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { launchStep } from "../runs.ts";
import type { JobState } from "./job-state.ts";
import { rowState } from "./summary.ts";
import type { Verdict } from "./verdict.ts";

/** So many of the newest children are looked at: enough to tell a failure from a habit. */
const mostChildren = 5;

/** The verdict of a periodic or parameterized job: it runs nothing itself, so its newest child and next launch tell. */
export async function judgeParent(state: JobState): Promise<Verdict> {
  const { job, nomad } = state;
  const [launch, children, newest] = await Promise.all([
    job.Periodic ? nextLaunch(nomad, job) : undefined,
    newestChildren(nomad, job, mostChildren),
    newestAllocation(nomad, job),
  ]);
  const [child] = children;
  const last = child && rowState(child);
  const failed = last !== undefined && last.trouble === 2;
  const live = children.filter(({ Status }) => Status !== "dead");
  const blocking = job.Periodic?.ProhibitOverlap && job.Periodic.Enabled ? live[0] : undefined;
  const hanging = live.find((each) => hangs(each, nomad.now()));
  const when = child ? `, started ${ago(fromNanoseconds(child.SubmitTime) ?? nomad.now(), nomad.now())}` : "";
  const exit = child?.Status === "dead" && newest?.JobID === child.ID ? exitCode(newest) : undefined;
  const code = exit === undefined ? "" : ` (exit code ${exit})`;
  const result = child && last ? `last run ${child.ID} ${last.state}${code}${when}` : "no run is kept";
  const regular = job.Periodic ? schedule(job, launch, nomad.now()) : dispatching(job, nomad);
  const said = blocking
    ? { detail: `${skipping(blocking, launch, nomad.now())}, ${cronText(job)}` }
    : { detail: regular, more: result };
  const causes = [
    ...(failed ? [`the last run ${child?.ID} ${last?.state}`] : []),
    ...(hanging
      ? [`run ${hanging.ID} has not got to run since it was launched ${launched(hanging, nomad.now())}`]
      : []),
  ];
  const look = failed ? child : (hanging ?? blocking);
  return {
    children,
    condition: "waiting",
    settled: true,
    ...said,
    version: `version ${job.Version}`,
    causes: causes.map((sentence) => ({ sentence, evidence: [] })),
    next: look ? [toolOrCommand(nomad, ["get_job_status", { job_id: look.ID }], ["job status", look.ID])] : [],
  };
}

/** With what code an allocation ended: the first that is not 0 of its tasks; undefined where it is not kept. */
function exitCode({ TaskStates }: AllocationStub): string | undefined {
  const codes = Object.values(TaskStates ?? {}).flatMap(
    ({ Events }) => (Events ?? []).findLast(({ Type }) => Type === "Terminated")?.Details?.exit_code ?? [],
  );
  return codes.find((code) => code !== "0") ?? codes[0];
}

/** A run that nothing of has started after this long, in ms, hangs. */
const patience = 60_000;

/** True of a child that should run and does not: it waits for something, or found no place. */
function hangs(child: JobStub, now: number): boolean {
  const { counts } = rowState(child);
  const since = now - (fromNanoseconds(child.SubmitTime) ?? now);
  return since > patience && counts.running === 0 && counts.starting + counts.queued > 0;
}

const launched = ({ SubmitTime }: JobStub, now: number) => ago(fromNanoseconds(SubmitTime) ?? now, now);

/** With `prohibit_overlap` Nomad launches nothing while a child has not ended (nomad/periodic.go). */
function skipping(child: JobStub, launch: number | undefined, now: number): string {
  const next = launch === undefined ? "" : ` (next in ${span(launch - now)})`;
  return `launches are skipped${next} as long as ${child.ID} has not ended (prohibit_overlap): ${rowState(child).state}, launched ${launched(child, now)}`;
}

/** When a periodic job launches its next child by itself, in words: "next launch in 5h (2026-11-21T02:00:00Z), cron ...". */
export async function regularLaunch(nomad: NomadClient, job: Job): Promise<string> {
  return schedule(job, await nextLaunch(nomad, job), nomad.now());
}

/** "periodic, next launch in 5h (2026-11-21T02:00:00Z)"; the schedule where the next launch could not be asked for. */
function schedule(job: Job, launch: number | undefined, now: number): string {
  const cron = cronText(job);
  if (job.Periodic?.Enabled === false) return `periodic but disabled, ${cron}`;
  return launch === undefined ? `periodic, ${cron}` : `next launch in ${span(launch - now)} (${iso(launch)}), ${cron}`;
}

function cronText({ Periodic: periodic }: Job): string {
  const specs = periodic?.Specs?.length ? periodic.Specs : [periodic?.Spec ?? ""];
  return `cron ${all(specs.map((spec) => `"${spec}"`))} ${periodic?.TimeZone || "UTC"}`;
}

function dispatching(job: Job, nomad: NomadClient): string {
  const { Payload: payload, MetaRequired: meta } = job.ParameterizedJob ?? { Payload: "", MetaRequired: null };
  const needs = [meta?.length ? `meta ${all(meta)}` : "", payload === "required" ? "a payload" : ""].filter(Boolean);
  return `parameterized, runs when dispatched${needs.length > 0 ? ` with ${all(needs)}` : ""} (${launchStep(nomad, job)})`;
}

/** When a periodic job starts next, ms: only a plan tells, which needs more than the right to read. */
async function nextLaunch(nomad: NomadClient, job: Job): Promise<number | undefined> {
  try {
    const plan = await nomad.ask(
      jobs.plan,
      { job_id: job.ID },
      {
        Job: job,
        Diff: false,
      },
    );
    return fromGoTime(plan.NextPeriodicLaunch);
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled") throw error;
    return undefined;
  }
}

/** Children are named after their parent and the time of their start, so that the last name is the newest child. */
export async function newestChild(nomad: NomadClient, job: Job): Promise<JobStub | undefined> {
  return (await newestChildren(nomad, job, 1))[0];
}

async function newestChildren(nomad: NomadClient, job: Job, count: number): Promise<JobStub[]> {
  return (await nomad.list(jobs.list, { prefix: childPrefix(job), reverse: true, per_page: count })).items;
}

/** The newest allocation of all children, asked for at once with them: it is the newest child's unless that has none yet. */
async function newestAllocation(nomad: NomadClient, job: Job): Promise<AllocationStub | undefined> {
  const filter = `JobID contains ${literal(childPrefix(job))}`;
  return (await nomad.list(allocations.list, { filter, reverse: true, per_page: 1 })).items[0];
}

const childPrefix = (job: Job) => `${job.ID}/${job.Periodic ? "periodic" : "dispatch"}-`;
