import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import type { Allocation, TaskState } from "../../endpoints/allocations.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { portTexts } from "../../nomad/allocations/addresses.ts";
import { readAllocation, tasksOf } from "../../nomad/allocations/allocation.ts";
import { checkedBy, type Extras, readExtras } from "../../nomad/allocations/allocation-extras.ts";
import { allocationVerdict } from "../../nomad/allocations/allocation-verdict.ts";
import { jobAllocations } from "../../nomad/allocations/job-allocations.ts";
import { jobAllocationsAnswer } from "../../nomad/allocations/job-allocations-text.ts";
import { eventPhrase, taskTrouble } from "../../nomad/allocations/task-trouble.ts";
import { called } from "../../nomad/allocations/words.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { ifOffered } from "../../nomad/shared/next-step.ts";
import type { Answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, lines, short } from "../../text/words.ts";
import { type Context, defineTool } from "../context.ts";

/** So many events of a task that has failed are told, the newest. */
const mostEvents = 5;
/** The scheduler keeps five reschedules, and adds the present one: from here on there may have been more. */
const mostAttempts = 6;

export const getAllocationStatus = defineTool({
  name: "get_allocation_status",
  title: "Allocation status",
  description:
    "One allocation's state, exits, restarts, ports, resources, checks and attempts; or, by job_id, a job's allocations, troubled first.",
  risk: "read",
  needs: ["read-job"],
  helps: ["list-jobs"],
  openWorld: true,
  input: {
    allocation_id: parameters.allocation_id.optional(),
    job_id: parameters.job_id.optional(),
    group: z.string().max(128).optional(),
    status: z.enum(["pending", "running", "complete", "failed", "lost", "unknown"]).optional(),
    limit: parameters.limit(20, 100),
    cursor: parameters.cursor,
  },
  async run(args, context) {
    if (args.allocation_id !== undefined) {
      const { nomad, allocation } = await readAllocation(context.nomad, args.allocation_id, args);
      const extras = await readExtras(nomad, allocation, context.signal);
      return one(allocation, extras, nomad.now(), context);
    }
    if (args.job_id === undefined) {
      throw new Refusal(
        "Give an allocation_id, or a job_id for the allocations of a job (list_nomad_jobs shows the jobs).",
      );
    }
    const { value, nomad, note } = await readJob(context.nomad, args.job_id, async (place, id) => {
      const job = await place.get(jobs.get, { job_id: id });
      return { job, found: await jobAllocations(place, job, args) };
    });
    return { note, ...jobAllocationsAnswer(value.job, value.found, args, nomad) };
  },
});

function one(allocation: Allocation, extras: Extras, now: number, { nomad }: Context): Answer {
  const { sentence, trouble } = allocationVerdict(allocation, now);
  const tasks = Object.entries(allocation.TaskStates ?? {});
  const logged = tasks.some(([, state]) => fromGoTime(state.StartedAt) !== undefined);
  const id = short(allocation.ID);
  const look = ifOffered("get_job_logs", `get_job_logs allocation_id=${id}`, `nomad alloc logs -stderr ${id}`);
  return {
    headline: `${allocation.JobID}: ${called(allocation)} ${sentence}`,
    sections: [
      facts(allocation, nomad.namespace, now),
      attempts(allocation, extras, now),
      `\n${taskTable(allocation, extras, now)}`,
      ...tasks.map(([name, state]) => events(name, state, now)),
      ports(allocation),
      checks(allocation, extras),
      extras.missing.length > 0 && `Left out: ${all(extras.missing)}`,
    ],
    next: trouble && logged ? [look] : [],
    data: {
      allocation_id: allocation.ID,
      job_id: allocation.JobID,
      namespace: allocation.Namespace,
      group: allocation.TaskGroup,
      node: allocation.NodeName,
      version: allocation.JobVersion,
      status: allocation.ClientStatus,
      trouble,
      tasks: tasks.map(([name, { State, Failed, Restarts }]) => ({
        name,
        state: State,
        failed: Failed,
        restarts: Restarts,
      })),
    },
  };
}

function facts(allocation: Allocation, namespace: string, now: number): string {
  const created = fromNanoseconds(allocation.CreateTime);
  return [
    allocation.Namespace === namespace ? "" : `namespace ${allocation.Namespace}`,
    `group ${allocation.TaskGroup}`,
    `version ${allocation.JobVersion}`,
    allocation.DeploymentStatus?.Canary ? "canary" : "",
    created === undefined ? "" : `placed ${ago(created, now)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** Its place in the chain of reschedules; nothing where it is the first and only one. */
function attempts(
  { RescheduleTracker, PreviousAllocation, NextAllocation }: Allocation,
  { nextAttempt }: Extras,
  now: number,
): string {
  const before = RescheduleTracker?.Events?.length ?? 0;
  const chain = [
    before > 0 ? `attempt ${before + 1}${before < mostAttempts ? "" : " or later"}` : "",
    PreviousAllocation ? `replaces ${short(PreviousAllocation)}` : "",
    NextAllocation ? `replaced by ${short(NextAllocation)}` : "",
    nextAttempt === undefined
      ? ""
      : nextAttempt > now
        ? `next attempt in ${span(nextAttempt - now)}`
        : "next attempt now",
  ].filter(Boolean);
  return chain.join(", ");
}

function taskTable(allocation: Allocation, { usage }: Extras, now: number): string {
  const specs = new Map(tasksOf(allocation).map((task) => [task.Name, task]));
  const names = [...new Set([...specs.keys(), ...Object.keys(allocation.TaskStates ?? {})])];
  const measured = usage.size > 0;
  const rows = names.map((name) => {
    const state = allocation.TaskStates?.[name];
    const asked = allocation.AllocatedResources?.Tasks?.[name];
    // A client keeps the last figures of a task that has ended.
    const used = state?.State === "running" ? usage.get(name) : undefined;
    const hook = specs.get(name)?.Lifecycle;
    return [
      name,
      hook ? `${hook.Hook}${hook.Sidecar ? " sidecar" : ""}` : "",
      state === undefined ? "not started" : stateOf(state, now),
      state?.Restarts || "",
      asked ? of(used?.cpuMhz, asked.Cpu.CpuShares, measured) : "",
      asked ? of(used?.memoryMb, asked.Memory.MemoryMaxMB || asked.Memory.MemoryMB, measured) : "",
    ];
  });
  const figure = measured ? "used" : "asked";
  return table(["task", "kind", "state", "restarts", `cpu MHz ${figure}`, `memory MB ${figure}`], rows);
}

/** "23 of 100"; "? of 100" beside others that are measured. */
const of = (used: number | undefined, asked: number, measured: boolean) =>
  measured ? `${used ?? "?"} of ${asked}` : `${asked}`;

function stateOf(state: TaskState, now: number): string {
  const started = fromGoTime(state.StartedAt);
  const ended = fromGoTime(state.FinishedAt);
  if (state.State === "running") return `running for ${span(now - (started ?? now))}`;
  if (state.State === "pending") return started === undefined ? "not started" : "waits for its restart";
  return `${state.Failed ? "failed" : "ended"}${ended === undefined ? "" : ` ${ago(ended, now)}`}`;
}

/** The last events that matter, of a task that has failed or has not started. */
function events(name: string, state: TaskState, now: number): string {
  const kept = state.Events ?? [];
  if (taskTrouble(state, now) === undefined && fromGoTime(state.StartedAt) !== undefined) return "";
  const told = kept.flatMap((event, index) => {
    const phrase = eventPhrase(event, kept[index - 1]);
    return phrase === undefined ? [] : [`  ${ago(fromNanoseconds(event.Time) ?? now, now)}: ${phrase}`];
  });
  return told.length > 0 ? `\nLast events of task ${name}:\n${told.slice(-mostEvents).join("\n")}` : "";
}

function ports(allocation: Allocation): string {
  const told = portTexts(allocation);
  return told.length > 0 ? `\nPorts: ${told.join(", ")}` : "";
}

function checks(allocation: Allocation, extras: Extras): string {
  const by = checkedBy(allocation);
  const failing = extras.checks.filter(({ Status }) => Status === "failure");
  const passing = extras.checks.filter(({ Status }) => Status === "success").length;
  const pending = extras.checks.length - failing.length - passing;
  const counts = [
    failing.length > 0 ? `${failing.length} failing` : "",
    pending > 0 ? `${pending} pending` : "",
    passing > 0 ? `${passing} passing` : "",
  ].filter(Boolean);
  return lines(
    counts.length > 0 && `\nChecks: ${counts.join(", ")}`,
    ...failing.map(
      ({ Check, Service, Output }) => `  ${Check} of service ${Service}: ${quotedLine(Output, 300) || "no output"}`,
    ),
    by.includes("consul") && allocation.ClientStatus === "running" && "\nChecks in Consul are not visible here.",
  );
}
