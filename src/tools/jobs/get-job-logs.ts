import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { parameters } from "../../mcp/parameters.ts";
import { readAllocation, taskPhrase } from "../../nomad/allocations/allocation.ts";
import {
  logCandidates,
  openLog,
  readLog,
  runningPart,
  type TaskLog,
  unreachable,
} from "../../nomad/allocations/logs/choose-log.ts";
import { followTask, isOver } from "../../nomad/allocations/logs/follow-log.ts";
import { endedText, followedText, tailsText } from "../../nomad/allocations/logs/log-text.ts";
import { rotatedAway, type Sought, type Stream } from "../../nomad/allocations/logs/logs.ts";
import { called } from "../../nomad/allocations/words.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { judge } from "../../nomad/jobs/health/health.ts";
import { readJobState } from "../../nomad/jobs/health/job-state.ts";
import { verdictAnswer } from "../../nomad/jobs/health/verdict.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, under } from "../../text/answer.ts";
import { short } from "../../text/words.ts";
import { type Context, defineTool } from "../context.ts";

/** A call with everything in it ends before this, in ms after its start. */
const lastMoment = 47_000;

export const getJobLogs = defineTool({
  name: "get_job_logs",
  title: "Get job logs",
  description:
    "The last lines of a task's stderr and stdout. By job_id it picks the allocation and task that tell most; follow_seconds waits for new lines.",
  risk: "read",
  needs: ["list-jobs", "read-job", "read-logs"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-fs"],
  openWorld: true,
  keeps: "end",
  input: {
    job_id: parameters.job_id.optional(),
    allocation_id: parameters.allocation_id.optional(),
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
    stream: z.enum(["both", "stdout", "stderr"]).default("both"),
    lines: z.int().min(1).max(1000).default(100),
    contains: z.string().max(256).optional(),
    follow_seconds: z.int().min(0).max(45).default(0),
  },
  async run(args, context) {
    const contains = args.contains ? { text: args.contains, mask: context.mask } : undefined;
    const found = await find({ ...args, contains }, context);
    return "headline" in found ? found : await told(found, context);
  },
});

interface Args {
  readonly job_id?: string | undefined;
  readonly allocation_id?: string | undefined;
  readonly group?: string | undefined;
  readonly task?: string | undefined;
  readonly stream: "both" | Stream;
  readonly lines: number;
  readonly contains: Sought | undefined;
  readonly follow_seconds: number;
}

/** The log of an answer, and what the first lines say of how it was found. */
interface FoundLog {
  readonly nomad: NomadClient;
  readonly args: Args;
  readonly log: TaskLog;
  /** Why it was chosen, where it was. */
  readonly why: string | undefined;
  readonly notes: readonly string[];
}

const streamsOf = ({ stream }: Args): readonly Stream[] => (stream === "both" ? ["stderr", "stdout"] : [stream]);

/** The log that is meant; an answer where there is none. */
async function find(args: Args, context: Context): Promise<FoundLog | Answer> {
  if (args.allocation_id !== undefined) {
    const { nomad, allocation } = await readAllocation(context.nomad, args.allocation_id, args);
    const log = await readLog(nomad, allocation, args.task, streamsOf(args), args);
    return { nomad, args, log, why: undefined, notes: [] };
  }
  if (args.job_id === undefined) {
    throw new Refusal(
      "Give a job_id (list_nomad_jobs shows them) or an allocation_id (get_allocation_status job_id=... shows those of a job).",
    );
  }
  const located = await readJob(context.nomad, args.job_id, readJobState);
  const state = await runningPart(located.value);
  if (state === undefined)
    return { note: located.note, headline: `${located.id} has no log: it runs as its children, and none is kept.` };
  const { nomad, job } = state;
  const verdict = await judge(state);
  const chosen = await openLog(
    nomad,
    await logCandidates(state, verdict, { ...args, live: args.follow_seconds > 0 }),
    streamsOf(args),
    args,
  );
  if (chosen === undefined) {
    return { note: located.note, ...under(`${job.ID} has no log: nothing of it was placed.`, verdictAnswer(verdict)) };
  }
  const child = state === located.value ? undefined : `(${job.ID} is the newest run of ${located.id})`;
  const notes = [located.note, child, ...chosen.skipped.map((reason) => `(${reason}; this is the next one)`)];
  return {
    nomad,
    args,
    log: chosen,
    why: chosen.why,
    notes: notes.filter((note) => note !== undefined),
  };
}

async function told({ nomad, args, log, ...found }: FoundLog, context: Context): Promise<Answer> {
  const { allocation, task } = log;
  const data = { allocation_id: allocation.ID, job_id: allocation.JobID, namespace: allocation.Namespace, task };
  const followSeconds = args.follow_seconds;
  if (followSeconds > 0 && unreachable(log) === undefined && !isOver(allocation, task)) {
    context.report(`following task ${task} of allocation ${short(allocation.ID)}`);
    const left = (context.started + lastMoment - Date.now()) / 1000;
    const wanted = { ...args, task, streams: streamsOf(args), seconds: Math.max(1, Math.min(followSeconds, left)) };
    const following = await followTask(nomad, allocation, { ...wanted, signal: context.signal });
    const now = { ...log, allocation: following.allocation };
    const body = followedText(now, following, args.contains?.text, nomad.now());
    return {
      headline: header({ nomad, args, log: now, ...found }, context),
      sections: [...found.notes, endedText(following), `\n${body}`],
      data: { ...data, log: body },
    };
  }
  const whole = [...log.tails.values()].some((tail) => tail.kind === "lines" && !tail.cut);
  const rotated = whole ? await rotatedAway(nomad, allocation.ID, task) : [];
  const body = tailsText(log, { contains: args.contains?.text, rotated, now: nomad.now() });
  return {
    headline: header({ nomad, args, log, ...found }, context),
    sections: [
      ...found.notes,
      followSeconds > 0 && isOver(allocation, task) && "(it writes no more: nothing to follow)",
      `\n${body}`,
    ],
    details: [next(log, found.notes)],
    data: { ...data, log: body },
  };
}

/** Job, task, allocation, node, why this one, and how it stands. */
function header({ nomad, log: { allocation, task }, why }: FoundLog, context: Context): string {
  const job =
    nomad.namespace === context.nomad.namespace
      ? allocation.JobID
      : `${allocation.JobID} (namespace ${nomad.namespace})`;
  const state = allocation.TaskStates?.[task];
  const stands = state === undefined ? allocation.ClientStatus : taskPhrase(state, nomad.now());
  // The allocation may run on while this task of it has ended.
  const chosen = why && !(state?.State === "dead" && why.includes("running")) ? `, chosen as ${why}` : "";
  const replaced = allocation.NextAllocation ? `; replaced by ${short(allocation.NextAllocation)}` : "";
  return `${job}: task ${task} of ${called(allocation)}${chosen}: ${stands}${replaced}`;
}

/** The attempt before tells why there is a replacement that says nothing yet; the one after may still have its log. */
function next(log: TaskLog, notes: readonly string[]): string {
  const { PreviousAllocation, NextAllocation, RescheduleTracker } = log.allocation;
  if (unreachable(log) !== undefined)
    return NextAllocation && `Next: ${ofAttempt(NextAllocation)} is the attempt after`;
  const silent = [...log.tails.values()].every(({ kind }) => kind === "nothing");
  if (!silent || !RescheduleTracker?.Events?.length) return "";
  if (notes.some((note) => note.includes(short(PreviousAllocation)))) return "";
  return `Next: ${ofAttempt(PreviousAllocation)} is the attempt before`;
}

const ofAttempt = (id: string) => `get_job_logs allocation_id=${short(id)}`;
