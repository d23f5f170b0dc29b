import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer } from "../../text/answer.ts";
import { gather } from "../../text/gather.ts";
import { table } from "../../text/table.ts";
import { fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { all, plural, short } from "../../text/words.ts";
import { isParent } from "../jobs/health/job-state.ts";
import { toolCall, toolOrCommand } from "../shared/next-step.ts";
import type { AllocationFilter, AllocationRow, JobAllocations } from "./job-allocations.ts";
import { shortName } from "./words.ts";

/** The allocations of a job as an answer: how many there are and how they are, a table, and where to look next. */
export function jobAllocationsAnswer(
  job: Job,
  { current, ended, currentCut, endedCut, next: cursor, later }: JobAllocations,
  wanted: AllocationFilter,
  nomad: NomadClient,
): Answer {
  const now = nomad.now();
  const such = [
    wanted.group === undefined ? "" : ` in group ${wanted.group}`,
    wanted.status === undefined ? "" : ` with status ${wanted.status}`,
  ].join("");
  const rows = [...current, ...ended];
  if (rows.length === 0) return answer(none(job, such, nomad));
  const counts = [
    later && current.length === 0 ? "" : counted(current, currentCut, "current"),
    ended.length > 0 || endedCut ? counted(ended, endedCut, "earlier") : "",
  ].filter(Boolean);
  const bad = rows.find(needsLook);
  const next = [
    bad ? `get_allocation_status allocation_id=${short(bad.allocation.ID)}` : "",
    cursor === undefined ? "" : `cursor=${cursor} goes on; status= and group= narrow it`,
  ].filter(Boolean);
  const headings = ["id", "allocation", "node", "version", "state", "age", "what"];
  return {
    headline: `${job.ID}${such}: ${counts.join("; ")}`,
    sections: [`\n${table(headings, folded(rows, now))}`],
    next,
    data: { job_id: job.ID, namespace: job.Namespace, allocations: rows.map(data), cursor },
  };
}

const data = ({ allocation, trouble }: AllocationRow) => ({
  allocation_id: allocation.ID,
  name: shortName(allocation),
  group: allocation.TaskGroup,
  node: allocation.NodeName,
  version: allocation.JobVersion,
  status: allocation.ClientStatus,
  trouble,
});

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

/** Rows that differ in nothing but id, node and age are one: the newest stands for them, with how many there are. */
function folded(rows: readonly AllocationRow[], now: number): string[][] {
  const groups = gather(rows, (row) => JSON.stringify(cells(row)));
  return [...groups.values()].flatMap((group): string[][] => {
    const [first] = group;
    if (first === undefined) return [];
    const [name, ...others] = cells(first);
    const ages = group.map(({ allocation }) => now - (fromNanoseconds(allocation.CreateTime) ?? now));
    const [youngest, oldest] = [Math.min(...ages), Math.max(...ages)].map(span);
    const nodes = [...new Set(group.map(({ allocation }) => allocation.NodeName))];
    const [version = "", state = "", what = ""] = others;
    return [
      [
        short(first.allocation.ID),
        group.length > 1 ? `${name} (${group.length} times)` : (name ?? ""),
        nodes.length > 1 ? plural(nodes.length, "node") : (nodes[0] ?? ""),
        version,
        state,
        youngest === oldest ? (oldest ?? "") : `${youngest} to ${oldest}`,
        what,
      ],
    ];
  });
}

/** Name, version, state and what went wrong. */
function cells(row: AllocationRow): string[] {
  const { allocation, trouble } = row;
  const described = allocation.ClientStatus === "running" ? "" : allocation.ClientDescription;
  return [
    shortName(allocation),
    `${allocation.JobVersion}`,
    stateText(row),
    quotedLine(trouble ?? (allocation.DesiredDescription || described), 120),
  ];
}

function none(job: Job, such: string, nomad: NomadClient): string {
  if (isParent(job)) {
    return `${job.ID} has no allocations of its own: its children run. ${toolCall(nomad, "list_nomad_jobs", { prefix: `${job.ID}/`, include_children: true })} lists them.`;
  }
  if (such !== "") {
    const groups = (job.TaskGroups ?? []).map(({ Name }) => Name);
    return `${job.ID} has no allocation${such}; its ${groups.length === 1 ? "group is" : "groups are"} ${all(groups)}.`;
  }
  const ask = toolOrCommand(nomad, ["get_job_evaluations", { job_id: job.ID }], ["job status", job.ID]);
  return `${job.ID} has no allocations: nothing of it was placed. Next: ${ask} says why.`;
}
