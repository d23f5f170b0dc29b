import type { AllocationStub } from "../../endpoints/allocations.ts";
import { parameters } from "../../mcp/parameters.ts";
import { shortName } from "../../nomad/allocations/words.ts";
import { readJob } from "../../nomad/jobs/find.ts";
import { judge } from "../../nomad/jobs/health/health.ts";
import {
  type GroupState,
  groupStates,
  isParent,
  type JobState,
  jobTitle,
  readJobState,
} from "../../nomad/jobs/health/job-state.ts";
import { type Verdict, verdictAnswer } from "../../nomad/jobs/health/verdict.ts";
import { toolCall } from "../../nomad/shared/next-step.ts";
import { following } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { age, fromNanoseconds } from "../../text/time.ts";
import { short } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** So many allocations are shown; get_allocation_status has the rest. */
const mostShown = 5;

export const getJobStatus = defineTool({
  name: "get_job_status",
  title: "Job status",
  description:
    "Tell how a job is and, if it is not well, why, with the last log lines and what to do. Ask this first about any one job.",
  risk: "read",
  needs: ["list-jobs", "read-job"],
  helps: ["host-volume-read", "node:read", "operator:read", "read-logs", "submit-job|plan-job"],
  openWorld: true,
  input: { job_id: parameters.job_id },
  async run({ job_id }, { nomad }) {
    const { value: state, note } = await readJob(nomad, job_id, readJobState);
    const verdict = await judge(state);
    const groups = groupStates(state);
    const said = following(`${jobTitle(state.job)}: `, verdictAnswer(verdict));
    return {
      note,
      ...said,
      details: [groupTable(groups, state), allocationTable(state, verdict)],
      data: {
        job_id: state.job.ID,
        namespace: state.job.Namespace,
        type: state.job.Type,
        version: state.job.Version,
        ...said.data,
        groups: groups.map(({ group, wanted, running, healthy }) => ({ name: group.Name, wanted, running, healthy })),
      },
    };
  },
});

/** Only where there is more to see than the headline says. */
function groupTable(groups: readonly GroupState[], { job }: JobState): string {
  if (groups.length < 2 || job.Stop || isParent(job)) return "";
  const rows = groups.map((group) => [
    group.group.Name,
    group.wanted,
    group.running,
    group.healthy ?? "",
    group.starting || "",
    group.down || "",
    group.complete || "",
  ]);
  return `\n${table(["group", "wanted", "running", "healthy", "starting", "down", "finished"], rows)}`;
}

/** What should run; where something is wrong, those it is wrong with stand in the verdict already. */
function allocationTable(state: JobState, verdict: Verdict): string {
  if (state.job.Stop || isParent(state.job)) return "";
  const told = new Set(verdict.causes.map(({ allocation }) => allocation?.ID));
  const rest = state.current.filter(({ ID }) => !told.has(ID));
  if (rest.length === 0) return "";
  const byName = [...rest].sort((one, other) => one.Name.localeCompare(other.Name, "en", { numeric: true }));
  const rows = byName.slice(0, mostShown).map((allocation) => row(allocation, state));
  const more =
    rest.length > mostShown || state.currentCut
      ? `\n${toolCall(state.nomad, "get_allocation_status", { job_id: state.job.ID })} lists all`
      : "";
  return `\n${table(["allocation", "id", "node", "state", "since"], rows)}${more}`;
}

function row(allocation: AllocationStub, { nomad, job }: JobState): string[] {
  const health = allocation.DeploymentStatus?.Healthy;
  const notes = [
    allocation.ClientStatus,
    health === false ? "unhealthy" : "",
    allocation.DeploymentStatus?.Canary ? "canary" : "",
    allocation.JobVersion === job.Version ? "" : `version ${allocation.JobVersion}`,
  ];
  const since = age(fromNanoseconds(allocation.CreateTime) ?? nomad.now(), nomad.now());
  return [shortName(allocation), short(allocation.ID), allocation.NodeName, notes.filter(Boolean).join(", "), since];
}
