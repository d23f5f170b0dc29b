import type { GroupDiff, JobDiff, ObjectDiff } from "../../../endpoints/job-diff.ts";
import { diffLines } from "../plan/diff.ts";
import { leftOutOfDiff } from "../plan/left-out.ts";
import type { Plan } from "../plan/plan.ts";
import { changesJob } from "../plan/planned-groups.ts";
import { originKeys } from "./origin.ts";

/** What submitting a file would change of a job that runs. */
export interface Difference {
  /** As a plan shows it, a line each: what runs, then what the file has. */
  readonly lines: readonly string[];
  /** Counts that differ only since scaling set them: "api 2 -> 4" is what the file has, and what runs. */
  readonly scaled: readonly string[];
}

const most = 30;

/** The difference that a plan found; undefined where there is none. `scaledGroups`: those whose count scaling set. */
export function differenceOf(
  { reply, present, job }: Plan,
  scaledGroups: ReadonlySet<string> = new Set(),
): Difference | undefined {
  const leftOut = present === undefined ? [] : leftOutOfDiff(present, job);
  if (!changesJob(reply) && leftOut.length === 0) return undefined;
  const counts = (present?.TaskGroups ?? []).flatMap(({ Name, Count }) => {
    const count = job.TaskGroups.find((group) => group.Name === Name)?.Count;
    return scaledGroups.has(Name) && count !== undefined && count !== Count ? [{ name: Name, count, now: Count }] : [];
  });
  const scaled = counts.map(({ name, count, now }) => `${name} ${count} -> ${now}`);
  const diff = withoutPhantoms(reply.Diff, new Set(counts.map(({ name }) => name)));
  const lines = diffLines(diff, most, leftOut);
  if (lines.length > 0 || scaled.length > 0) return { lines, scaled };
  return onlyPhantoms(reply.Diff) ? undefined : { lines: [notTold], scaled };
}

/** What submit_job_file puts into a job's meta, as a diff names it: where a job came from is no part of its file. */
const ownMeta = new Set(Object.values(originKeys).map((key) => `Meta[${key}]`));

const notTold = "changed in what Nomad's diff leaves out";

/**
 * The diff without what is no difference: Nomad calls the scaling block of every group that has one edited, with nothing in it
 * that is, also when it plans the very file that was submitted (tried on Nomad 2.0.6). And without the counts of these groups.
 */
function withoutPhantoms(diff: JobDiff, counts: ReadonlySet<string>): JobDiff {
  const groups = (diff.TaskGroups ?? []).map((group): GroupDiff => {
    const Objects = (group.Objects ?? []).filter((object) => !isPhantom(object));
    const Fields = (group.Fields ?? []).filter(({ Name }) => Name !== "Count" || !counts.has(group.Name));
    const left = { ...group, Objects, Fields };
    const less = Objects.length < (group.Objects ?? []).length || Fields.length < (group.Fields ?? []).length;
    return less && isEmpty(left) ? { ...left, Type: "None" } : left;
  });
  return { ...diff, Fields: (diff.Fields ?? []).filter(({ Name }) => !ownMeta.has(Name)), TaskGroups: groups };
}

/** Whether scaling blocks that do not differ are all that a diff has. */
const onlyPhantoms = ({ Fields, Objects, TaskGroups }: JobDiff) =>
  [...(Fields ?? []), ...(Objects ?? [])].every(({ Type, Name }) => Type === "None" || ownMeta.has(Name)) &&
  ((TaskGroups ?? []).some((group) => (group.Objects ?? []).some(isPhantom)) ||
    (Fields ?? []).some(({ Name }) => ownMeta.has(Name)));

function isPhantom({ Name, Type, Fields, Objects }: ObjectDiff): boolean {
  return Name === "Scaling" && Type === "Edited" && !Fields?.length && !Objects?.length;
}

function isEmpty({ Fields, Objects, Tasks }: GroupDiff): boolean {
  return [...(Fields ?? []), ...(Objects ?? []), ...(Tasks ?? [])].every(({ Type }) => Type === "None");
}
