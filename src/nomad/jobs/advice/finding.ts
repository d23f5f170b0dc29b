import { all } from "../../../text/words.ts";
import type { TypedGroup, TypedJob, TypedTask } from "../file/typed-job.ts";

/**
 * How serious a finding is: 1 exposes the host or a secret, 2 takes the service down or keeps it from starting, 3 goes
 * wrong in a bad moment, 4 is worth a thought.
 */
export type Rank = 1 | 2 | 3 | 4;

/** One remark of a reviewer. */
export interface Finding {
  readonly rank: Rank;
  /** The group and the task, as far as it is about one: "api > server". */
  readonly where: string;
  /** A sentence without a full stop: what is so, what it leads to, what to write instead. */
  readonly text: string;
}

/** A remark on a part of a job, which does not yet say where it is. */
export type Remark = Omit<Finding, "where">;

/** What a rule is asked about. */
export interface GroupView {
  readonly job: TypedJob;
  readonly group: TypedGroup;
  /** With Nomad's default (api/tasks.go, TaskGroup.Canonicalize). */
  readonly count: number;
}

export interface TaskView extends GroupView {
  readonly task: TypedTask;
}

/** A remark, where it holds. */
export const when = (holds: boolean, rank: Rank, text: string): Remark[] => (holds ? [{ rank, text }] : []);

/** The findings in the order of their weight, those that say the same of several parts folded into one. */
export function folded(findings: readonly Finding[], job: TypedJob): Finding[] {
  const byText = new Map<string, Finding[]>();
  for (const finding of findings) byText.set(finding.text, [...(byText.get(finding.text) ?? []), finding]);
  return [...byText.values()]
    .flatMap((same) => {
      const [first] = same;
      return first === undefined ? [] : [{ ...first, where: together(same, job) }];
    })
    .sort((one, other) => one.rank - other.rank);
}

function together(same: readonly Finding[], { TaskGroups }: TypedJob): string {
  const places = [...new Set(same.map(({ where }) => where))];
  const tasks = TaskGroups.reduce((sum, { Tasks }) => sum + Tasks.length, 0);
  if (places.length < 3) return all(places);
  if (places.length === tasks && places.every((place) => place.includes(" > "))) return `all ${tasks} tasks`;
  if (places.length === TaskGroups.length && !places[0]?.includes(" > ")) return `all ${places.length} groups`;
  return places.length > 4 ? `${places.slice(0, 3).join(", ")} and ${places.length - 3} more` : all(places);
}
