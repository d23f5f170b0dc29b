import type { KeptFile } from "../../../library/library.ts";
import type { Commit, History } from "../../../library/source.ts";
import { unseal } from "../../../text/sealed.ts";
import { ago } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { short } from "../../../text/words.ts";
import { isObject, type JobSpec } from "../file/job-json.ts";

/** Where a job file came from. */
export interface Origin {
  readonly address: string;
  /** The commit that its place is at; undefined where that is in no checkout. */
  readonly commit: Commit | undefined;
  readonly branch: string | undefined;
  /** It stands in a checkout, and was changed there since, or was never committed. */
  readonly changed: boolean;
  /** Why it may not be the newest, as a sentence. */
  readonly trouble?: string | undefined;
}

/** Where a file comes from, as far as git knows. `history`: that of its place. */
export async function originOf({ address, path }: KeptFile, history: History | undefined): Promise<Origin> {
  return {
    address,
    commit: history?.head,
    branch: history?.branch,
    changed: history !== undefined && !(await history.isCommitted(unseal(path))),
    trouble: history?.trouble,
  };
}

/** What the origin of a job is called in its meta, where the operator has it put there. */
export const originKeys = { file: "nomad_mcp_file", commit: "nomad_mcp_commit" } as const;

/** "platform/web.nomad.hcl, commit 1a2b3c4d of main, 3h ago" */
export function originLine({ address, commit, branch, changed }: Origin, now: number): string {
  const of = branch === undefined ? "" : ` of ${branch}`;
  const base = commit && `commit ${short(commit.id)}${of}, ${ago(commit.time, now)}`;
  if (changed) return `${address}, as it is in the folder and not committed${base ? ` (${base})` : ""}`;
  return base ? `${address}, ${base}` : address;
}

/** "3h ago, Anna: Raise the memory (1a2b3c4d)" */
export function commitLine({ id, author, subject, time }: Commit, now: number): string {
  return `${ago(time, now)}, ${quotedLine(author, 40)}: ${quotedLine(subject, 60)} (${short(id)})`;
}

/** The job with its origin in its meta. */
export function withOrigin(job: JobSpec, { address, commit, changed }: Origin): JobSpec {
  const own = isObject(job.Meta) ? job.Meta : {};
  const known = commit !== undefined && !changed ? { [originKeys.commit]: commit.id } : {};
  return { ...job, Meta: { ...own, [originKeys.file]: address, ...known } };
}
