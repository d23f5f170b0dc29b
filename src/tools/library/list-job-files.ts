import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { type Changes, changesOf } from "../../nomad/jobs/library/histories.ts";
import type { Judged } from "../../nomad/jobs/library/judge-file.ts";
import { complaints, type JudgedJob, judgeAll, ofNamespace } from "../../nomad/jobs/library/judge-page.ts";
import { libraryOf } from "../../nomad/jobs/library/kept-file.ts";
import { type KeptJob, keptJobs, pageOf } from "../../nomad/jobs/library/kept-jobs.ts";
import { commitLine } from "../../nomad/jobs/library/origin.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { unseal } from "../../text/sealed.ts";
import { table } from "../../text/table.ts";
import { plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const listJobFiles = defineTool({
  name: "list_job_files",
  title: "List job files",
  description:
    "List the team's job files with their jobs, whether each is what runs, and its last change. find_drift says what differs.",
  risk: "read",
  needs: ["parse-job", "read-job", "submit-job|plan-job"],
  openWorld: true,
  input: {
    filter: z.string().max(1024).optional().describe("Part of the address or job id"),
    limit: parameters.limit(25, 100),
    cursor: parameters.cursor,
  },
  async run({ filter, limit, cursor }, { cluster, library: given, nomad }) {
    const library = libraryOf(given);
    const view = { library, cluster };
    const { jobs, troubles } = await keptJobs(library);
    const inside = ofNamespace(nomad, jobs);
    const meant = filter === undefined ? inside : inside.filter((job) => holds(job, filter));
    const page = pageOf(meant, cursor, limit);
    const histories = await changesOf(page.rows);
    const rows = await judgeAll(nomad, view, page.rows);
    const where = nomad.namespace === "*" ? "" : ` of namespace ${nomad.namespace}`;
    const fitting = filter === undefined ? "" : ` that fit ${filter}`;
    const count = `${plural(meant.length, "job file")}${where}${fitting}`;
    if (rows.length === 0) return { headline: `${count} in the library`, sections: troubles, data: { files: [] } };
    const lines = rows.map(({ job, judged }) => cells(nomad, job, judged, histories.get(job.file.source)));
    return {
      headline: `${count}${page.next === undefined ? "" : `, ${rows.length} here`}: ${counted(rows)}`,
      sections: [
        `\n${table(["file", "job", "namespace", "state", "last change"], lines)}`,
        ...complaints(rows),
        ...troubles,
        ...[...histories.values()].flatMap(({ history }) => history?.trouble ?? []),
      ],
      next: page.next === undefined ? [] : [`cursor=${page.next}`],
      data: {
        files: rows.map(({ job, judged }) => ({
          file: job.file.address,
          job_id: judged.file?.id ?? job.heading?.id,
          namespace: judged.file?.namespace ?? job.heading?.namespace,
          state: judged.state,
        })),
        cursor: page.next,
      },
    };
  },
});

function holds({ file, heading }: KeptJob, filter: string): boolean {
  return [file.address, heading?.id ?? ""].some((text) => unseal(text).includes(unseal(filter)));
}

function cells(nomad: NomadClient, { file, heading }: KeptJob, judged: Judged, changes: Changes | undefined): string[] {
  const change = changes?.last.get(unseal(file.path));
  const namespace = judged.file?.namespace ?? heading?.namespace ?? nomad.home;
  return [
    file.address,
    judged.file?.id ?? heading?.id ?? "",
    nomad.namespace === "*" ? namespace : "",
    judged.state,
    change === undefined ? "" : commitLine(change, nomad.now()),
  ];
}

/** "5 same, 1 differs" */
function counted(rows: readonly JudgedJob[]): string {
  const counts = new Map<string, number>();
  for (const { judged } of rows) counts.set(judged.state, (counts.get(judged.state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}
