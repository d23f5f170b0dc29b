import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { blocks, parameters } from "../../mcp/parameters.ts";
import type { Placement } from "../../nomad/evaluations/placement/placement.ts";
import { type JobFile, oneNamespace } from "../../nomad/jobs/file/job-file.ts";
import { warningLines } from "../../nomad/jobs/file/refused.ts";
import { alreadyThere } from "../../nomad/jobs/file/register.ts";
import { portNotes, readSimpleJob, simpleJob } from "../../nomad/jobs/file/simple-job.ts";
import { type GivenFileArguments, type Reading, readGivenFile } from "../../nomad/jobs/library/given-file.ts";
import { diffLines } from "../../nomad/jobs/plan/diff.ts";
import { leftOutOfDiff } from "../../nomad/jobs/plan/left-out.ts";
import { makePlan, type Plan } from "../../nomad/jobs/plan/plan.ts";
import { groupTable, movedBy, planVerdict } from "../../nomad/jobs/plan/plan-verdict.ts";
import { changesJob, type PlannedGroup, plannedGroups } from "../../nomad/jobs/plan/planned-groups.ts";
import { rolloutSentence } from "../../nomad/jobs/plan/rollout.ts";
import { unplaced } from "../../nomad/jobs/plan/unplaced.ts";
import { ifOffered, toolOrCommand } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { answer } from "../../text/answer.ts";
import { fromGoTime, iso, span } from "../../text/time.ts";
import { grouped, plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

const mostChanges = 30;
const mostSentences = 6;

export const planJob = defineTool({
  name: "plan_job",
  title: "Plan a job",
  description:
    "What submitting a job file would change: the diff, what is created, replaced or stopped and in which order, what would not fit. Before submit_job_file; changes nothing.",
  risk: "read",
  needs: ["parse-job", "read-job", "submit-job|plan-job"],
  helps: ["host-volume-read", "list-jobs", "node:read", "node_pool:read", "operator:read"],
  openWorld: true,
  input: {
    job_file: z.string().max(1_048_576).register(blocks, {}).optional().describe("Its text, HCL or JSON"),
    file: parameters.library_file,
    format: z.enum(["hcl", "json"]).optional(),
    variables: z.string().max(65_536).register(blocks, {}).optional().describe('tfvars text: image = "nginx:1.27"'),
    new_job: z
      .looseObject({})
      .optional()
      .meta({ properties: undefined, additionalProperties: undefined })
      .describe("In place of job_file: create_job's arguments"),
  },
  async run(args, context) {
    const { nomad } = context;
    const file = await planned(nomad, args, context);
    const target = nomad.in(file.namespace);
    const plan = await makePlan(target, file.id, file.job);
    if (args.new_job !== undefined && plan.present !== undefined) {
      throw alreadyThere(target, file.id, plan.present);
    }
    const groups = plannedGroups(plan.reply, plan.job);
    const where = `(namespace ${target.namespace}${file.why})`;
    const placements = await unplaced(target, plan.job, plan.reply);
    const warnings = warningLines(plan.reply.Warnings, file.job);
    const idle = groups.every((group) => movedBy(group) === 0);
    if (!changesJob(plan.reply) && idle && placements.length === 0) {
      return answer(
        `${file.id} ${where}: nothing would change; version ${plan.present?.Version} is as the file has it`,
      );
    }
    return {
      headline: `${file.id} ${where}: ${planVerdict(plan, groups)}`,
      sections: [
        groups.length > 1 && groupTable(groups),
        ...notes(target, plan, groups),
        ...changes(plan),
        ...placements.slice(0, mostSentences).map((placement) => misfit(placement, placements.length > 1)),
        placements.length > 0 && groups.some(({ replaced }) => replaced > 0) && goesOn,
        ...file.notes,
        ...warnings,
      ],
      next: nextSteps(target, plan, placements, args.new_job !== undefined),
    };
  },
});

/** What is planned: a job file, or the job that create_job would make of its arguments. */
async function planned(
  nomad: NomadClient,
  { new_job: simple, ...given }: Given,
  reading: Reading,
): Promise<Pick<JobFile, "id" | "job" | "namespace" | "why" | "notes">> {
  const isFile = given.job_file !== undefined || given.file !== undefined;
  if (isFile && simple === undefined) return await readGivenFile(nomad, given, reading);
  if (isFile || simple === undefined) {
    throw new Refusal("plan_job needs a job_file, a file of the library or a new_job, and one of them.");
  }
  const namespace = oneNamespace(nomad.namespace);
  const read = readSimpleJob(simple, namespace);
  return { id: read.job_id, job: simpleJob(read), namespace, why: "", notes: portNotes(read.ports ?? []) };
}

interface Given extends GivenFileArguments {
  readonly new_job?: Readonly<Record<string, unknown>> | undefined;
}

/** What the counts alone do not tell. */
function notes(nomad: NomadClient, { job, present, reply }: Plan, groups: readonly PlannedGroup[]): string[] {
  const orders = groups.flatMap((planned) => {
    const sentence = rolloutSentence(job, planned);
    if (sentence === undefined) return [];
    return [`Order: ${groups.length > 1 ? `${planned.name}: ` : ""}${sentence}`];
  });
  // The deceptive case: what is to be replaced looks as if it were left alone.
  const hidden = groups.filter(({ later, replaced, canaries }) => later > 0 && replaced + canaries === 0);
  const first = hidden.map(({ name, later }) => `${grouped(later)} of ${name}`);
  const launch = fromGoTime(reply.NextPeriodicLaunch);
  const preempted = reply.Annotations?.PreemptedAllocs ?? [];
  const victims = [...new Set(preempted.map(({ JobID }) => JobID))];
  return [
    ...orders.slice(0, mostSentences),
    ...(first.length > 0
      ? [`(nomad job plan counts its first step only, and so ${some(first, mostSentences)} as ignored.)`]
      : []),
    ...(launch === undefined ? [] : [`Next run: ${iso(launch)}, in ${span(launch - nomad.now())}`]),
    ...(preempted.length > 0
      ? [`Preempts ${plural(preempted.length, "allocation")} of lower priority: ${some(victims, 5)}`]
      : []),
    ...scaledCounts(present, job),
  ];
}

/** A count that an autoscaler or a person has set goes back to that of the file. */
function scaledCounts(present: Plan["present"], job: Plan["job"]): string[] {
  const changed = (present?.TaskGroups ?? []).flatMap(({ Name, Count, Scaling }) => {
    const count = job.TaskGroups.find((group) => group.Name === Name)?.Count;
    return Scaling?.Enabled && count !== undefined && count !== Count ? [`${Name} ${Count} -> ${count}`] : [];
  });
  return changed.length > 0
    ? [`Counts that scaling may have set would change: ${some(changed, 5)}; preserve_counts=true keeps them`]
    : [];
}

function changes({ present, reply, job }: Plan): string[] {
  if (present === undefined) return [];
  const told = diffLines(reply.Diff, mostChanges, leftOutOfDiff(present, job));
  if (told.length > 0) return ["Changes:", ...told.map((line) => `  ${line}`)];
  return changesJob(reply) ? ["Changes: only what Nomad's diff leaves out"] : [];
}

/** Nomad stops nothing for the sake of what it cannot place. */
const goesOn = "What cannot be replaced goes on running as it is.";

function misfit({ group, reasons, waiting }: Placement, several: boolean): string {
  const where = several ? `${group}: ` : "";
  return `Would not fit: ${where}${grouped(waiting)}, since ${reasons.join("; ")}`;
}

function nextSteps(nomad: NomadClient, { reply }: Plan, placements: readonly Placement[], simple: boolean): string[] {
  const cures = [...new Set(placements.flatMap((placement) => placement.cures))];
  const index = reply.JobModifyIndex;
  const submit = toolOrCommand(
    nomad,
    ["submit_job_file", { check_index: index }],
    ["job run", "-check-index", String(index), "<file>"],
  );
  const same = ifOffered("submit_job_file", " with the same arguments", "");
  const submitted = `${submit}${same} does this, unless the job changes first`;
  const does = simple ? ifOffered("create_job", "create_job with the same arguments creates it", submitted) : submitted;
  // What is as it is, and fits nowhere, gets no further by that.
  return cures.length > 0 && !changesJob(reply) ? cures : [...cures, does];
}
