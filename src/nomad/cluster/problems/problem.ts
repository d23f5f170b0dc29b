import { plural, some } from "../../../text/words.ts";

/** How bad a problem is, the worst first. */
const ranks = [
  "servers",
  "node lost",
  "down",
  "failing",
  "not placed",
  "update",
  // What never ran is missed by nobody yet.
  "never ran",
  "node away",
  "notice",
] as const;
export type Rank = (typeof ranks)[number];

/** A job that suffers. */
export interface Affected {
  readonly namespace: string;
  readonly id: string;
  /** "version 4 since 2h" */
  readonly note?: string;
  /** True where nothing of it runs. */
  readonly idle?: boolean;
}

/** One cause, with all that suffers from it. */
export interface Problem {
  readonly rank: Rank;
  /** "node client-2 (dc1) is down since 14m" */
  readonly sentence: string;
  /** What stands behind the sentence in place of the names: "4 jobs affected". */
  readonly whom?: string;
  /** Those that are not as asked by it. */
  readonly jobs: readonly Affected[];
  /** Lines that tell of the jobs in place of their names, such as which of them found no other place. */
  readonly details?: readonly string[];
  /** What to do next, where there is something better than to look at the first job. */
  readonly next?: string;
  /** The name of the node that is to be looked at next, where it is one. */
  readonly node?: string;
}

const mostJobs = 8;

/** Of the same rank, the one comes first by which more jobs are down, then the one from which more suffer. */
export function worstFirst(problems: readonly Problem[]): Problem[] {
  const idle = ({ jobs }: Problem) => jobs.filter((job) => job.idle).length;
  return problems.toSorted(
    (one, other) =>
      ranks.indexOf(one.rank) - ranks.indexOf(other.rank) ||
      idle(other) - idle(one) ||
      other.jobs.length - one.jobs.length,
  );
}

/** "web", "billing (prod)". `home`: the namespace that need not be named. */
export function jobName({ namespace, id, note }: Affected, home: string): string {
  const notes = [namespace !== home && namespace, note].filter(Boolean);
  return notes.length > 0 ? `${id} (${notes.join(", ")})` : id;
}

/** A problem as lines: "not placed, port 8080 is taken: 2 jobs: api and web". */
export function problemText({ sentence, whom: said, jobs, details }: Problem, home: string): string {
  if (details) return [`${sentence}${said ? `: ${said}` : ""}`, ...details.map((line) => `   ${line}`)].join("\n");
  const names = jobs.map((job) => jobName(job, home));
  const count = names.length > 1 ? `${plural(names.length, "job")}: ` : "";
  const whom = names.length > 0 ? `: ${count}${some(names, mostJobs)}` : "";
  return `${sentence}${whom}`;
}
