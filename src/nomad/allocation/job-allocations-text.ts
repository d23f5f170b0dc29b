import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { table } from "../../text/table.ts";
import { fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, lines, plural, short } from "../../text/words.ts";
import { isParent } from "../health/job-state.ts";
import { shortName } from "../health/trouble.ts";
import { toolCall, toolOrCommand } from "../next-step.ts";
import type { AllocationFilter, AllocationRow, JobAllocations } from "./job-allocations.ts";

/** The allocations of a job as an answer: how many there are and how they are, a table, and where to look next. */
export function jobAllocationsText(
  job: Job,
  { current, ended, currentCut, endedCut }: JobAllocations,
  wanted: AllocationFilter,
  nomad: NomadClient,
  offers: (tool: string) => boolean,
): string {
  const now = nomad.now();
  const such = [
    wanted.group === undefined ? "" : ` in group ${wanted.group}`,
    wanted.status === undefined ? "" : ` with status ${wanted.status}`,
  ].join("");
  const rows = [...current, ...ended];
  if (rows.length === 0) return none(job, such, nomad, offers);
  const earlier = ended.length > 0 || endedCut ? `; ${counted(ended, endedCut, "earlier")}` : "";
  const bad = rows.find(needsLook);
  const next = [
    bad ? `get_allocation_status allocation_id=${short(bad.allocation.ID)}` : "",
    currentCut || endedCut ? "narrow with status= or group=, or raise limit=" : "",
  ].filter(Boolean);
  const headings = ["id", "allocation", "node", "version", "state", "age", "what"];
  return lines(
    `${job.ID}${such}: ${counted(current, currentCut, "current")}${earlier}`,
    `\n${table(
      headings,
      rows.map((row) => cells(row, job, now)),
    )}`,
    next.length > 0 && `\nNext: ${next.join(", or ")}`,
  );
}

const needsLook = ({ allocation: { ClientStatus, DeploymentStatus }, trouble }: AllocationRow) =>
  trouble !== undefined ||
  ["failed", "lost", "unknown"].includes(ClientStatus) ||
  (ClientStatus === "running" && DeploymentStatus?.Healthy === false);

/** "3 current allocations (2 running and 1 failed)"; never the length of what is shown as if it were all. */
function counted(rows: readonly AllocationRow[], cut: boolean, kind: string): string {
  if (rows.length === 0) return cut ? `${kind} ones not shown` : `no ${kind} allocation`;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(stateText(row), (counts.get(stateText(row)) ?? 0) + 1);
  const states = all([...counts].map(([state, count]) => `${count} ${state}`));
  return `${plural(rows.length, `${kind} allocation`)} (${states})${cut ? ", more follow" : ""}`;
}

function stateText({ allocation: { DeploymentStatus: health, DesiredStatus, ClientStatus } }: AllocationRow): string {
  const running = ClientStatus === "running";
  const parts = [
    health?.Canary ? "canary" : "",
    DesiredStatus !== "run" && running ? "stopping" : "",
    health?.Healthy === false && running ? "unhealthy" : "",
    ClientStatus,
  ];
  return parts.filter(Boolean).join(" ");
}

function cells(row: AllocationRow, job: Job, now: number): string[] {
  const { allocation, trouble } = row;
  const described = allocation.ClientStatus === "running" ? "" : allocation.ClientDescription;
  return [
    short(allocation.ID),
    shortName(allocation),
    allocation.NodeName,
    allocation.JobVersion === job.Version ? "" : `${allocation.JobVersion}`,
    stateText(row),
    span(now - (fromNanoseconds(allocation.CreateTime) ?? now)),
    quotedLine(trouble ?? (allocation.DesiredDescription || described), 120),
  ];
}

function none(job: Job, such: string, nomad: NomadClient, offers: (tool: string) => boolean): string {
  if (isParent(job)) {
    return `${job.ID} has no allocations of its own: its children run. ${toolCall(nomad, "list_nomad_jobs", { prefix: `${job.ID}/`, include_children: true })} lists them.`;
  }
  if (such !== "") {
    const groups = (job.TaskGroups ?? []).map(({ Name }) => Name);
    return `${job.ID} has no allocation${such}; its ${groups.length === 1 ? "group is" : "groups are"} ${all(groups)}.`;
  }
  const ask = toolOrCommand(nomad, offers, ["get_job_evaluations", { job_id: job.ID }], ["job status", job.ID]);
  return `${job.ID} has no allocations: nothing of it was placed. Next: ${ask} says why.`;
}
