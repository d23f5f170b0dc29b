import * as z from "zod";
import type { Job } from "../../endpoints/job.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import { notFollowed, notTaken } from "../../nomad/jobs/change/follow.ts";
import { livingChildren, type Stop, stopJob as stop } from "../../nomad/jobs/change/stop.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { isParent } from "../../nomad/jobs/health/job-state.ts";
import { previewJob } from "../../nomad/jobs/preview.ts";
import { toolCall, toolOrCommand } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { span } from "../../text/time.ts";
import { lines, plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const stopJob = defineTool({
  name: "stop_job",
  title: "Stop a job",
  description:
    "Stop a job and wait until its allocations have ended; start_job starts it again. purge=true also deletes it with its history.",
  risk: "destructive",
  needs: ["list-jobs", "read-job", "submit-job|purge-job"],
  idempotent: true,
  input: {
    job_id: parameters.job_id,
    purge: z.boolean().default(false),
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ job_id, purge }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const end = purge ? " and remove it from Nomad with its versions and history" : "";
    const runs = await livingChildren(nomad, await nomad.get(jobs.get, { job_id: id }));
    const shown = await previewJob(nomad, id, `Stop ${id}${end}`);
    return runs.ids.length > 0 ? { ...shown, text: lines(shown.text, `  not stopped: ${runsLeft(runs)}`) } : shown;
  },
  async run({ job_id, purge, wait_seconds }, call) {
    const { nomad, id } = await exactJob(call.nomad, job_id);
    const job = await nomad.get(jobs.get, { job_id: id });
    const children = await livingChildren(nomad, job);
    const until = call.started + wait_seconds * 1000;
    const stopped = await stop(nomad, job, { purge, until, report: call.report });
    const left = purge && "value" in stopped.purged && !stopped.purged.value;
    return {
      headline: `${id} ${verb(stopped)} (namespace ${nomad.namespace}); ${isParent(job) ? parentOutcome(job) : outcome(nomad, stopped, id)}`,
      sections: [
        stopped.before.unknown > 0 && `${plural(stopped.before.unknown, "more is", "more are")} on disconnected nodes`,
        "fault" in stopped.purged && `It is stopped, but was not purged: ${stopped.purged.fault}`,
        left && "Not purged yet: that would hide whether they end.",
      ],
      next: left
        ? [`${toolCall(nomad, "stop_job", { job_id: id, purge: true })} goes on`]
        : goesOn(stopped)
          ? [`${status(nomad, id)} shows when they have`]
          : [],
      details: [children.ids.length > 0 && goOn(nomad, children, "value" in stopped.purged && stopped.purged.value)],
      data: {
        job_id: id,
        namespace: nomad.namespace,
        purged: "value" in stopped.purged && stopped.purged.value,
        evaluation_id: stopped.evaluationId,
        runs_that_go_on: children.ids,
      },
    };
  },
});

function verb({ already, purged }: Stop): string {
  if ("value" in purged && purged.value)
    return already ? "was stopped already and is purged now" : "stopped and purged";
  return already ? "was stopped already" : "stopped";
}

function outcome(
  nomad: NomadClient,
  { already, before, left, untaken, took, evaluationId }: Stop,
  jobId: string,
): string {
  if (before.live === 0) return already ? "nothing of it runs" : "nothing of it was running";
  if (untaken !== undefined) return notTaken(nomad, untaken, span(took), { jobId });
  if (left === undefined && already) return `${plural(before.live, "allocation")} still shut down`;
  if (left === undefined) return notFollowed(nomad, { evaluationId, jobId });
  if ("fault" in left) return `what became of its ${plural(before.live, "allocation")} is not known: ${left.fault}`;
  const { live } = left.value;
  if (live === 0) return `${plural(before.live, "allocation")} ended${took < 1_000 ? "" : ` after ${span(took)}`}`;
  const ended = Math.max(0, before.live - live);
  return `${ended} of ${plural(before.live, "allocation")} ended after ${span(took)}, ${live} still shut down`;
}

/** True where some allocations were seen to shut down still. */
function goesOn({ left }: Stop): boolean {
  return left !== undefined && "value" in left && left.value.live > 0;
}

function status(nomad: NomadClient, id: string): string {
  return toolOrCommand(nomad, ["get_job_status", { job_id: id }], ["job status", id]);
}

function parentOutcome(job: Job): string {
  return job.Periodic ? "it launches no more" : "it can no longer be dispatched";
}

interface Runs {
  readonly ids: readonly string[];
  readonly more: boolean;
}

/** Children live on when their parent is stopped, and even when it is purged. */
function goOn(nomad: NomadClient, runs: Runs, purged: boolean): string {
  const one = runs.ids.length === 1 && !runs.more;
  const without = purged ? ` although ${one ? "its" : "their"} parent is gone` : "";
  return lines(
    `${runsLeft(runs)} ${one ? "goes" : "go"} on${without}`,
    `Next: ${toolCall(nomad, "stop_job", { job_id: runs.ids[0] ?? "" })} stops ${one ? "it" : "one"}`,
  );
}

/** "2 runs (a/dispatch-1 and a/dispatch-2)" */
function runsLeft({ ids, more }: Runs): string {
  return `${more ? "more than " : ""}${plural(ids.length, "run")} (${some(ids, 10)})`;
}
