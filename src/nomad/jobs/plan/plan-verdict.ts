import { table } from "../../../text/table.ts";
import { all, grouped, lines, plural } from "../../../text/words.ts";
import type { Plan } from "./plan.ts";
import { changesJob, type PlannedGroup } from "./planned-groups.ts";

const mostGroups = 20;

/** What a plan comes to, in a sentence: "would become version 4: 1 new, 3 replaced". */
export function planVerdict({ job, present, reply }: Plan, groups: readonly PlannedGroup[]): string {
  const parent = job.Periodic !== undefined ? "periodic" : job.ParameterizedJob !== undefined ? "parameterized" : "";
  const what = parent === "" ? `: ${counted(groups)}${misfits(groups)}` : `; it is ${parent}, so nothing starts now`;
  if (present === undefined) return `would be created${what}`;
  if (!changesJob(reply)) return `the job would not change, version ${present.Version} is as the file has it${what}`;
  return `would become version ${present.Version + 1}${present.Stop ? ", started again" : ""}${what}`;
}

function misfits(groups: readonly PlannedGroup[]): string {
  const waiting = groups.reduce((sum, { unplaced }) => sum + unplaced, 0);
  if (waiting === 0) return "";
  const placed = groups.reduce((sum, { created, replaced, canaries }) => sum + created + replaced + canaries, 0);
  return placed <= waiting ? "; nothing of that would fit now" : `; ${grouped(waiting)} would not fit now`;
}

/** How many allocations a plan touches. */
export const movedBy = (group: PlannedGroup) =>
  group.created + group.replaced + group.later + group.canaries + group.inPlace + group.stopped + group.migrated;

/** "1 new, 3 replaced, 2 unchanged" */
function counted(groups: readonly PlannedGroup[]): string {
  const sum = (count: (group: PlannedGroup) => number) => groups.reduce((total, group) => total + count(group), 0);
  const parts = columns.map(({ words, of }) => ({ words, count: sum(of) })).filter(({ count }) => count > 0);
  const told = parts.map(({ count, words }) =>
    words === "canaries" ? plural(count, "canary", words) : `${grouped(count)} ${words}`,
  );
  return told.length === 0 ? "nothing runs" : all(told);
}

const columns: readonly { words: string; of: (group: PlannedGroup) => number }[] = [
  { words: "new", of: ({ created }) => created },
  { words: "canaries", of: ({ canaries }) => canaries },
  { words: "replaced", of: ({ replaced, later }) => replaced + later },
  { words: "updated in place", of: ({ inPlace }) => inPlace },
  { words: "stopped", of: ({ stopped }) => stopped },
  { words: "migrated", of: ({ migrated }) => migrated },
  { words: "unchanged", of: ({ unchanged }) => unchanged },
];

/** The counts by group. */
export function groupTable(groups: readonly PlannedGroup[]): string {
  const headings = ["group", ...columns.map(({ words }) => words), "would not fit"];
  const rows = groups
    .slice(0, mostGroups)
    .map((group) => [group.name, ...columns.map(({ of }) => of(group) || ""), group.unplaced || ""]);
  const rest = groups.length - rows.length;
  return lines(table(headings, rows), rest > 0 && `and ${plural(rest, "group")} more`);
}
