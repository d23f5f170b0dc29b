import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { differing, idleLines, isOnlyScaled, strayLine, twiceLines } from "../../nomad/jobs/library/drift-text.ts";
import { changesOf, staleOf } from "../../nomad/jobs/library/histories.ts";
import { complaints, type JudgedJob, judgeAll, ofNamespace } from "../../nomad/jobs/library/judge-page.ts";
import { libraryOf } from "../../nomad/jobs/library/kept-file.ts";
import { type KeptJob, keptJobs, pageOf } from "../../nomad/jobs/library/kept-jobs.ts";
import { withoutFile } from "../../nomad/jobs/library/without-file.ts";
import { ifOffered, toolCall } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { unseal } from "../../text/sealed.ts";
import { lines, plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** So many of those that differ are told with what differs. */
const mostTold = 8;

export const findDrift = defineTool({
  name: "find_drift",
  title: "Find drift",
  description:
    "Which jobs differ from their files in the library, what differs and which side is newer; which run without a file, and which files do not run.",
  risk: "read",
  needs: ["list-jobs", "parse-job", "read-job", "submit-job|plan-job"],
  openWorld: true,
  input: {
    filter: z.string().max(1024).optional().describe("Part of the address"),
    limit: parameters.limit(50, 200),
    cursor: parameters.cursor,
  },
  async run({ filter, limit, cursor }, { cluster, library: given, nomad }) {
    const library = libraryOf(given);
    const { jobs, troubles } = await keptJobs(library);
    const inside = ofNamespace(nomad, jobs).filter(
      ({ file }) => filter === undefined || unseal(file.address).includes(unseal(filter)),
    );
    const page = pageOf(inside, cursor, limit);
    const isFirst = cursor === undefined && filter === undefined;
    const unread = [...troubles, ...(await staleOf(library))];
    // Of files that were not seen, or not as they are now, the jobs would seem to have none, and be cleaned up.
    const seesAll = unread.length === 0 && !library.isPart;
    const [rows, stray] = await Promise.all([
      judgeAll(nomad, { library, cluster }, page.rows),
      isFirst && seesAll ? withoutFile(nomad, jobs) : undefined,
    ]);
    const differ = rows.filter((row) => row.judged.state === "differs" && !isOnlyScaled(row));
    const scaled = rows.filter(isOnlyScaled);
    const idle = rows.filter(({ judged }) => judged.state === "not running" || judged.state === "stopped");
    const histories = await changesOf(page.rows);
    const told = await Promise.all(
      [...differ, ...scaled].slice(0, mostTold).map((row) => differing(nomad, row, histories.get(row.job.file.source))),
    );
    const untold = differ.length + scaled.length - told.length;
    return {
      headline: headline(nomad, { rows, differ, scaled, idle, unread }, stray?.jobs.length ?? 0),
      sections: [
        ...told.map((text) => `\n${text}`),
        untold > 0 && `\nand ${plural(untold, "job")} more that differ: filter= or limit= tells them`,
        apart(
          ...idleLines(idle),
          stray !== undefined && stray.jobs.length > 0 && strayLine(nomad, stray, unknown(jobs)),
          isFirst && library.isPart && "Which jobs have no file is not told: your role sees a part of the library.",
          isFirst &&
            unread.length > 0 &&
            "Which jobs have no file is not told: not all of the library was read as it is now.",
          ...complaints(rows),
          ...twiceLines(rows),
          ...unread,
        ),
      ],
      next: [
        ...(differ[0] === undefined ? [] : [back(nomad, differ[0])]),
        ...(page.next === undefined ? [] : [`cursor=${page.next} looks at the next files`]),
      ],
      data: {
        files: rows.map(({ job, judged }) => ({
          file: job.file.address,
          job_id: judged.file?.id ?? job.heading?.id,
          namespace: judged.file?.namespace,
          state: judged.state,
        })),
        without_file: stray?.jobs.map(({ ID, Namespace }) => ({ job_id: ID, namespace: Namespace })),
        cursor: page.next,
      },
    };
  },
});

/** Files that hold a job by their name, and of which it cannot be told which. */
const unknown = (jobs: readonly KeptJob[]) =>
  jobs.filter(({ heading }) => heading === undefined).map(({ file }) => file.address);

/** What stands below the jobs that differ. */
function apart(...parts: readonly (string | false)[]): string {
  const told = lines(...parts);
  return told === "" ? "" : `\n${told}`;
}

interface Found {
  readonly rows: readonly JudgedJob[];
  readonly differ: readonly JudgedJob[];
  readonly scaled: readonly JudgedJob[];
  readonly idle: readonly JudgedJob[];
  /** What could not be read, or not as it is now. */
  readonly unread: readonly string[];
}

function headline(nomad: NomadClient, { rows, differ, scaled, idle, unread }: Found, stray: number): string {
  const where = nomad.namespace === "*" ? "all namespaces" : `namespace ${nomad.namespace}`;
  const of = `(${plural(rows.length, "file")}, ${where})`;
  const parts = [
    differ.length > 0 && `${plural(differ.length, "job")} ${differ.length === 1 ? "differs" : "differ"} from the file`,
    scaled.length > 0 && `${plural(scaled.length, "job")} only in counts that scaling set`,
    stray > 0 && `${plural(stray, "job")} without a file`,
    idle.length > 0 && `${plural(idle.length, "file")} of which nothing runs`,
  ].filter((part) => part !== false);
  if (parts.length > 0) return `${parts.join(", ")} ${of}`;
  if (unread.length === 0) return `No drift ${of}: what runs is what the files have`;
  return rows.length === 0 ? `No file of the library was looked at ${of}` : `No drift in what was read ${of}`;
}

/** Which way it goes is for a person to say: what runs may be right, and the file behind. */
function back(nomad: NomadClient, { job }: JudgedJob): string {
  const file = job.file.address;
  const plan = toolCall(nomad, "plan_job", { file });
  const given = toolCall(nomad, "get_job_file", { file });
  // A whole text made of answers would have the mask in the place of every secret.
  const passages = `${given} has its text, and save_job_file replace= with= changes one passage at a time`;
  const byHand = "a person changes in the file what differs";
  const change = job.file.source.write === "off" ? byHand : ifOffered("save_job_file", passages, byHand);
  return `where the file is right, ${plan} and submit_job_file; where what runs is right, ${change}`;
}
