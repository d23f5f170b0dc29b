import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import type { Job } from "../../endpoints/job.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { inTime, lookTime } from "../../nomad/jobs/change/follow.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { judge } from "../../nomad/jobs/health/health.ts";
import { readJobState } from "../../nomad/jobs/health/job-state.ts";
import { verdictAnswer } from "../../nomad/jobs/health/verdict.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { beginning, ofJob } from "../../nomad/jobs/restart/aim.ts";
import { judgeAfter, roll } from "../../nomad/jobs/restart/restart.ts";
import { type Bound, readCursor, writeCursor } from "../../nomad/jobs/restart/restart-cursor.ts";
import { restartMark } from "../../nomad/jobs/restart/restart-mark.ts";
import { type Target, targetGroups } from "../../nomad/jobs/restart/restart-target.ts";
import { runDetails, runHeadline } from "../../nomad/jobs/restart/run-text.ts";
import { toolOrCommand } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { answerText, following, under } from "../../text/answer.ts";
import { grouped, lines } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** The arguments that a call to go on repeats. */
interface Arguments {
  readonly job_id: string;
  readonly namespace?: string | undefined;
  readonly group?: string | undefined;
  readonly task?: string | undefined;
  readonly reschedule: boolean;
  readonly batch_size: number;
  readonly cursor: string;
}

/** A restart is sent even where its end is not waited for: that takes as long as the kill, ms. */
const sendTime = 10_000;

export const restartJob = defineTool({
  name: "restart_job",
  title: "Restart a job",
  description:
    "Restart the running allocations of a job in place, batch by batch, each seen running again before the next. For a process that hangs or must read something anew.",
  risk: "destructive",
  needs: ["alloc-lifecycle", "list-jobs", "read-job"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs", "submit-job|evaluate-job"],
  openWorld: true,
  input: {
    job_id: parameters.job_id,
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
    reschedule: z.boolean().default(false).describe("Replace, maybe on other nodes"),
    batch_size: z.int().min(1).max(100).default(1),
    cursor: parameters.cursor,
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ job_id, group, task, reschedule, cursor }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const job = await nomad.get(jobs.get, { job_id: id });
    const groups = targetGroups(job, { group, task, reschedule });
    const from =
      cursor === undefined ? undefined : readCursor(cursor, boundTo(nomad, job, { group, task, reschedule }));
    const aim = { ...ofJob(nomad, job, groups), replaced: reschedule ? job : undefined };
    const mark = await restartMark(nomad, aim, from);
    const which = [task && `task ${task} of`, group && `group ${group} of`, id].filter(Boolean).join(" ");
    const what = `${reschedule ? "Replace" : "Restart"} the running allocations of ${which}`;
    const { text, stamp } = await previewJob(nomad, id, what);
    return { text, stamp: `${stamp} ${mark}` };
  },
  async run(args, call) {
    const { nomad, id } = await exactJob(call.nomad, args.job_id);
    const job = await nomad.get(jobs.get, { job_id: id });
    const { group, task, reschedule } = args;
    const until = call.started + args.wait_seconds * 1000;
    const began = nomad.now();
    const rolling = {
      ...ofJob(nomad, job, targetGroups(job, { group, task, reschedule })),
      ...{ task, replaced: reschedule ? job : undefined, batchSize: args.batch_size, report: call.report },
      until: until - lookTime,
    };
    const bound = boundTo(nomad, job, args);
    const from = args.cursor === undefined ? await beginning(nomad, job, rolling) : readCursor(args.cursor, bound);
    if (from === undefined) throw await nothingRuns(nomad, id, group);
    const limit = AbortSignal.timeout(Math.max(1, Math.max(until, call.started + sendTime) - Date.now()));
    const run = await roll(nomad.within(limit), rolling, from);
    const status = toolOrCommand(nomad, ["get_job_status", { job_id: id }], ["job status", id]);
    if (run.stopped !== undefined && run.restarted.length === 0) {
      throw new Refusal(
        `${id} was not restarted: ${run.stopped.why}. Nothing was changed.\nNext: ${status} says when that is over`,
      );
    }
    const data = { job_id: id, namespace: nomad.namespace, sent: run.progress.sent, total: run.progress.total };
    const said = runHeadline(run, id, `(namespace ${nomad.namespace})`, nomad.now() - began);
    const rest = run.complete ? 0 : run.progress.total - run.progress.sent;
    const cursor = rest > 0 ? writeCursor(run.progress, bound) : undefined;
    const goOn = cursor && `restart_job ${again({ ...args, cursor })} goes on with the other ${grouped(rest)}`;
    if (!run.complete && run.stopped === undefined)
      return { headline: said, sections: runDetails(run), next: [goOn ?? status], data };

    const found = await inTime(nomad, until, async (limited) => judgeAfter(limited, id, run));
    const resume = goOn ? [`once that is fixed: ${goOn}`] : [];
    if ("fault" in found) return { headline: said, sections: runDetails(run), next: [status, ...resume], data };
    const after = verdictAnswer({ ...found.value, next: [...found.value.next, ...resume] });
    const told = run.stopped === undefined ? following(`${said}, `, after) : under(said, after);
    return { ...told, details: runDetails(run), data: { ...data, ...after.data } };
  },
});

/** What a cursor of this restart is for. */
function boundTo({ namespace }: NomadClient, { ID, CreateIndex }: Job, { group, task, reschedule }: Target): Bound {
  return [namespace, ID, CreateIndex, group, task, reschedule];
}

/** The arguments of the call that goes on: those of this one, without what is the default. */
function again({ namespace, job_id, group, task, reschedule, batch_size, cursor }: Arguments): string {
  const given = { job_id, namespace, group, task, reschedule: reschedule || undefined, cursor };
  const size = batch_size > 1 ? { batch_size } : {};
  return Object.entries({ ...given, ...size })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(" ");
}

async function nothingRuns(nomad: NomadClient, id: string, group: string | undefined): Promise<Refusal> {
  const found = await judge(await readJobState(nomad, id));
  const what = group === undefined ? `of ${id}` : `of group ${group} of ${id}`;
  return new Refusal(lines(`Nothing ${what} runs, so nothing was restarted: ${answerText(verdictAnswer(found))}`));
}
