import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { all, lines, plural, some } from "../../../text/words.ts";
import { changedBy } from "./changed-by.ts";
import type { Changes } from "./histories.ts";
import type { FileState } from "./judge-file.ts";
import type { JudgedJob } from "./judge-page.ts";
import { commitLine } from "./origin.ts";
import type { WithoutFile } from "./without-file.ts";

const mostChanges = 8;

/** A job that differs from its file: which side is newer, what made it so, and what submitting the file would change. */
export async function differing(
  nomad: NomadClient,
  { job, judged }: JudgedJob,
  changes: Changes | undefined,
): Promise<string> {
  const { file, present, difference } = judged;
  if (file === undefined || present === undefined || difference === undefined) return "";
  const where = nomad.namespace === "*" ? ` (namespace ${file.namespace})` : "";
  const by = await changedBy(nomad.in(file.namespace), present);
  const submitted = fromNanoseconds(present.SubmitTime);
  const path = unseal(job.file.path);
  const change = changes?.last.get(path);
  const isCommitted = (await changes?.history?.isCommitted(path)) ?? true;
  const newer =
    change === undefined || submitted === undefined
      ? ""
      : change.time > submitted
        ? ", which is newer"
        : ", which is older";
  const of = change === undefined ? "" : `, last changed ${commitLine(change, nomad.now())}${newer}`;
  const open = isCommitted ? "" : "; in the folder it is changed and not committed";
  const { lines: told, scaled } = difference;
  return lines(
    `${file.id}${where} runs ${by}; file ${job.file.address}${of}${open}`,
    ...told.slice(0, mostChanges).map((line) => `  ${line}`),
    told.length > mostChanges && `  and ${plural(told.length - mostChanges, "line")} more`,
    scaled.length > 0 && `  counts that scaling set: ${all(scaled)}`,
  );
}

/** Those of which the counts alone differ, and only since scaling set them. */
export function isOnlyScaled({ judged: { difference } }: JudgedJob): boolean {
  return difference !== undefined && difference.lines.length === 0;
}

/** "Has a file and does not run: jobs/web.nomad.hcl", and apart from these "Has a file and was stopped: jobs/api.nomad.hcl" */
export function idleLines(idle: readonly JudgedJob[]): string[] {
  const of = (state: FileState) =>
    idle.filter(({ judged }) => judged.state === state).map(({ job }) => job.file.address);
  const [absent, stopped] = [of("not running"), of("stopped")];
  return [
    ...(absent.length > 0 ? [`Has a file and does not run: ${some(absent, 10)}`] : []),
    ...(stopped.length > 0 ? [`Has a file and was stopped: ${some(stopped, 10)}`] : []),
  ];
}

/** "Runs and has no file: cache and cron". `unknown`: addresses of files of which the job cannot be told. */
export function strayLine(nomad: NomadClient, { jobs, more, looked }: WithoutFile, unknown: readonly string[]): string {
  const names = jobs.map(({ ID, Namespace }) => (nomad.namespace === "*" ? `${ID} (namespace ${Namespace})` : ID));
  const rest = more ? `; only the first ${looked} jobs of the cluster were looked at` : "";
  const open = unknown.length > 0 ? `; of ${some(unknown, 5)} the job is not known, and it may be one of these` : "";
  return `Runs and has no file: ${some(names, 15)}${rest}${open}`;
}

/** Jobs of which there are several files. */
export function twiceLines(rows: readonly JudgedJob[]): string[] {
  const files = new Map<string, string[]>();
  for (const { job, judged } of rows) {
    if (judged.file === undefined) continue;
    const name = `${judged.file.id} of namespace ${judged.file.namespace}`;
    files.set(name, [...(files.get(name) ?? []), job.file.address]);
  }
  const several = [...files].filter(([, addresses]) => addresses.length > 1);
  return several.slice(0, 5).map(([job, addresses]) => `${job} has several files: ${some(addresses, 5)}`);
}
