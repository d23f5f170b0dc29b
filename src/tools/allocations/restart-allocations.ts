import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { jobs } from "../../endpoints/jobs.ts";
import { parameters } from "../../mcp/parameters.ts";
import {
  aimOf,
  beginningOf,
  boundTo,
  type Many,
  previewMany,
  subjectOf,
} from "../../nomad/allocations/restart-many.ts";
import { lookTime } from "../../nomad/jobs/change/follow.ts";
import { exactJob } from "../../nomad/jobs/find.ts";
import { roll } from "../../nomad/jobs/restart/restart.ts";
import { readCursor, writeCursor } from "../../nomad/jobs/restart/restart-cursor.ts";
import { targetGroups } from "../../nomad/jobs/restart/restart-target.ts";
import { runDetails, runHeadline } from "../../nomad/jobs/restart/run-text.ts";
import { exactNode } from "../../nomad/nodes/find.ts";
import { showStep, toolCall } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { grouped, short } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** Which allocations a call names. */
interface Asked {
  readonly node?: string | undefined;
  readonly job_id?: string | undefined;
  readonly group?: string | undefined;
  readonly task?: string | undefined;
  readonly only_unhealthy: boolean;
}

/** A restart is sent even where its end is not waited for: that takes as long as the kill, ms. */
const sendTime = 10_000;

export const restartAllocations = defineTool({
  name: "restart_allocations",
  title: "Restart allocations",
  description:
    "Restart all running allocations on a node, or the unhealthy ones of a job or node, in place, each batch seen running again before the next.",
  risk: "destructive",
  needs: ["alloc-lifecycle", "list-jobs", "read-job"],
  helps: ["node:read"],
  openWorld: true,
  input: {
    node: parameters.node.optional(),
    job_id: parameters.job_id.optional(),
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
    only_unhealthy: z.boolean().default(false),
    batch_size: z.int().min(1).max(20).default(1),
    cursor: parameters.cursor,
    wait_seconds: parameters.wait_seconds,
  },
  async preview({ cursor, ...asked }, call) {
    const { nomad, many } = await manyOf(call.nomad, asked);
    return await previewMany(nomad, many, cursor === undefined ? undefined : readCursor(cursor, boundTo(nomad, many)));
  },
  async run({ cursor, batch_size, wait_seconds, ...asked }, call) {
    const { nomad, many } = await manyOf(call.nomad, asked);
    const until = call.started + wait_seconds * 1000;
    const began = nomad.now();
    const bound = boundTo(nomad, many);
    const from = cursor === undefined ? await beginningOf(nomad, many) : readCursor(cursor, bound);
    const limit = AbortSignal.timeout(Math.max(1, Math.max(until, call.started + sendTime) - Date.now()));
    const limited = nomad.within(limit);
    const rolling = {
      ...aimOf(limited, many),
      ...{ task: many.task, replaced: undefined, batchSize: batch_size, report: call.report, until: until - lookTime },
    };
    const run = await roll(limited, rolling, from);
    const { progress, stopped, complete } = run;
    const rest = complete ? 0 : progress.total - progress.sent;
    const after = rest > 0 ? writeCursor(progress, bound) : undefined;
    const again = after && toolCall(nomad, "restart_allocations", { ...given(asked, batch_size), cursor: after });
    const goOn = again && `${again} goes on with the other ${grouped(rest)}`;
    const failed = stopped?.seen && `${showStep(nomad, "allocation", short(stopped.seen.ID))} says how it is`;
    return {
      headline: runHeadline(run, subjectOf(many), `(namespace ${nomad.namespace})`, nomad.now() - began),
      sections: runDetails(run),
      next: [...(failed ? [failed] : []), ...(goOn ? [stopped ? `once that is fixed: ${goOn}` : goOn] : [])],
      data: {
        namespace: nomad.namespace,
        node: many.node?.Name,
        job_id: many.job?.ID,
        sent: progress.sent,
        total: progress.total,
      },
    };
  },
});

/** The arguments that a call to go on repeats, without those that are the default. */
function given({ node, job_id, group, task, only_unhealthy }: Asked, batch_size: number) {
  return {
    ...(node !== undefined && { node }),
    ...(job_id !== undefined && { job_id }),
    ...(group !== undefined && { group }),
    ...(task !== undefined && { task }),
    ...(only_unhealthy && { only_unhealthy }),
    ...(batch_size > 1 && { batch_size }),
  };
}

/** What is meant. @throws Refusal where it names neither a node nor a job, or what there is not: nothing is changed by a guess. */
async function manyOf(here: NomadClient, asked: Asked): Promise<{ nomad: NomadClient; many: Many }> {
  const { node, job_id, group, task, only_unhealthy: onlyUnhealthy } = asked;
  if (node === undefined && job_id === undefined) {
    throw new Refusal("Give a node or a job_id: it says which allocations are restarted. Nothing was restarted.");
  }
  const found = job_id === undefined ? undefined : await exactJob(here, job_id);
  const nomad = found?.nomad ?? here;
  const job = found && (await nomad.get(jobs.get, { job_id: found.id }));
  if (job) targetGroups(job, { group, task, reschedule: false });
  const on = node === undefined ? undefined : await exactNode(nomad, node);
  return { nomad, many: { node: on, job, group, task, onlyUnhealthy } };
}
