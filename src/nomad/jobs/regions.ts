import type { Job } from "../../endpoints/job.ts";
import { some } from "../../text/words.ts";

/**
 * The names of the regions that a job is for, each of which deploys it by itself (Nomad Enterprise); none for a job of the one
 * region in which it is.
 */
export function regionsOf({ Multiregion }: Pick<Job, "Multiregion">): string[] {
  return (Multiregion?.Regions ?? []).map(({ Name }) => Name);
}

/** What is said where a job is for several regions; empty for any other. */
export function regionsNote(names: readonly string[]): string {
  if (names.length === 0) return "";
  return `It is for the regions ${some(names, 10)}: what is said here is of this server's region only.`;
}
