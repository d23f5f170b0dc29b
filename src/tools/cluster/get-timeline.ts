import * as z from "zod";
import { jobs } from "../../endpoints/jobs.ts";
import { operator } from "../../endpoints/operator.ts";
import { parameters } from "../../mcp/parameters.ts";
import { isEmpty, lookBack } from "../../nomad/cluster/timeline/look-back.ts";
import { periodOf } from "../../nomad/cluster/timeline/period.ts";
import { timelineAnswer } from "../../nomad/cluster/timeline/timeline.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { findNode } from "../../nomad/nodes/find.ts";
import { defineTool } from "../context.ts";

export const getTimeline = defineTool({
  name: "get_timeline",
  title: "Timeline",
  description:
    "What happened in the last minutes or hours over all jobs and nodes: submits, stops, deployments, failures with counts, node events. For what happens right now: get_events.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  helps: ["node:read"],
  openWorld: true,
  keeps: "end",
  input: {
    since: z.string().max(40).default("30m").describe("How long ago (20m, 2h) or a time in UTC"),
    until: z.string().max(40).optional().describe("Same"),
    job_id: parameters.job_id.optional(),
    node: parameters.node.optional(),
    limit: parameters.limit(30, 200).describe("Lines, the newest"),
  },
  async run({ since, until, job_id, node, limit }, { nomad, signal }) {
    const found = node === undefined ? undefined : await findNode(nomad, node);
    // Times are the server's, and this tells them at no cost.
    if (found === undefined) await nomad.bytes(operator.leader, { stale: true }, 1024);
    const period = periodOf(since, until, nomad.now());
    const whose = { job: job_id, node: found };
    const look = await lookBack(nomad, period, whose, signal);
    if (job_id === undefined || !isEmpty(look)) return timelineAnswer(nomad, look, whose, limit);
    // Of a job that is there something is kept: it is called otherwise, or elsewhere.
    const job = await readJob(nomad, job_id, async (place, id) => await place.get(jobs.get, { job_id: id }));
    const itself = { ...whose, job: job.id };
    const again = await lookBack(job.nomad, period, itself, signal);
    return { ...timelineAnswer(job.nomad, again, itself, limit), note: job.note };
  },
});
