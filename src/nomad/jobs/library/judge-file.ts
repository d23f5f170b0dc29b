import { NomadError, type NomadErrorKind } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Job } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { type JobFile, readJobFile } from "../file/job-file.ts";
import { makePlan } from "../plan/plan.ts";
import { type Difference, differenceOf } from "./difference.ts";
import { scaledGroups } from "./scaled-groups.ts";

/** How the job of a file is in the cluster, in a word or two. */
export type FileState = "same" | "differs" | "not running" | "stopped" | "does not parse" | "refused" | "not known";

/** A job file, as it was read. */
export interface FileText {
  readonly text: string;
  /** Values of its variables, as tfvars text. */
  readonly variables: string;
}

/** What was found out of a job file. */
export interface Judged {
  readonly state: FileState;
  /** The job that it is, where it could be parsed. */
  readonly file?: JobFile;
  /** The job that is there. */
  readonly present?: Job;
  /** What submitting it would change, where it differs. */
  readonly difference?: Difference;
  /** Why it does not parse, is refused, or is not known: a line. */
  readonly why?: string;
}

/**
 * How the job of a file is in the cluster: parsed by Nomad and planned, so that what Nomad itself fills in is no difference.
 * `nomad` is bound to the namespace of files that name none.
 */
export async function judgeFile(nomad: NomadClient, { text, variables }: FileText): Promise<Judged> {
  let file: JobFile;
  try {
    file = await readJobFile(nomad, { text, variables });
  } catch (error) {
    return { state: error instanceof Refusal ? "does not parse" : "not known", why: reason(error) };
  }
  try {
    const plan = await makePlan(nomad.in(file.namespace), file.id, file.job);
    const { present } = plan;
    if (present === undefined) return { state: "not running", file };
    if (present.Stop) return { state: "stopped", file, present };
    const difference = differenceOf(plan, await scaledGroups(nomad.in(file.namespace), plan));
    return difference === undefined
      ? { state: "same", file, present }
      : { state: "differs", file, present, difference };
  } catch (error) {
    return { state: error instanceof Refusal ? "refused" : "not known", file, why: reason(error) };
  }
}

/** Faults of the way to Nomad, or of the call: every other file would have them, too. */
const everyFiles: readonly NomadErrorKind[] = [
  ...(["bad_region", "bad_token", "cancelled", "connection_lost", "crowded", "no_leader", "not_nomad"] as const),
  ...(["rate_limited", "redirected", "scheme", "timeout", "tls", "unreachable"] as const),
];

/** What a file's own fault is, in a line. @throws the error where it is not one of this file. */
function reason(error: unknown): string {
  if (error instanceof Refusal) return told(error.message);
  if (error instanceof NomadError && !everyFiles.includes(error.kind)) return told(error.reply);
  throw error;
}

/** Of the words that a single file gets: the parser's complaint, or that it is refused. */
function told(message: string): string {
  const lines = message.split("\n").filter((line) => !line.startsWith("Next: "));
  const [first = "", second = ""] = lines;
  const words = first.endsWith("Nothing was submitted.") && second !== "" ? second : first;
  return words
    .replace(/ ?Nothing was submitted\./, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
