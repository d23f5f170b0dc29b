import type { FieldDiff, GroupDiff, JobDiff, ObjectDiff, TaskDiff } from "../../../endpoints/job-diff.ts";
import { plural, some } from "../../../text/words.ts";
import { nameOfField, nameOfObject } from "./diff-names.ts";
import { identityOf, paired } from "./diff-pairs.ts";
import { changedLines, isUnset, shown } from "./diff-values.ts";

/** So many fields of what was added or removed are named. */
const mostFields = 8;

/**
 * What is different, a line each, in the words of a job file: "group api > task server > config > image: nginx:1.24 ->
 * nginx:1.25". Values stand next to their names, by which the secret ones are known. `most` lines at most, the last of
 * which says how many more there are; none where nothing is different. `leftOut`: where the two differ in what the diff leaves out, as
 * {@link leftOutOfDiff} says it.
 */
export function diffLines(diff: JobDiff, most = 30, leftOut: readonly string[] = []): string[] {
  // Of a job that is new everything is, down to the defaults.
  const own = diff.Type === "Edited" ? insideOf(diff, "Job", []) : [];
  const groups = (diff.TaskGroups ?? []).flatMap((group) => groupLines(group, leftOut));
  const found = [...own, ...groups, ...leftOut.map((at) => `${at} changed`)];
  if (found.length <= most) return found;
  return [...found.slice(0, most - 1), `and ${plural(found.length - most + 1, "line")} more`];
}

function groupLines(group: GroupDiff, leftOut: readonly string[]): string[] {
  const path = [`group ${group.Name}`];
  if (group.Type === "None") return [];
  if (group.Type !== "Edited") {
    const count = (group.Fields ?? []).find(({ Name }) => Name === "Count");
    const tasks = (group.Tasks ?? []).map(({ Name }) => `task ${Name}`);
    const parts = [`count=${(group.Type === "Added" ? count?.New : count?.Old) || 0}`, ...tasks];
    return [`${path[0]} ${verb(group)}: ${some(parts, mostFields)}`];
  }
  const inside = [
    ...insideOf(group, "TaskGroup", path),
    ...(group.Tasks ?? []).flatMap((task) => taskLines(task, path, leftOut)),
  ];
  return inside.length > 0 ? inside : unseen(path, "spread or restart", leftOut);
}

function taskLines(task: TaskDiff, parents: readonly string[], leftOut: readonly string[]): string[] {
  const path = [...parents, `task ${task.Name}`];
  if (task.Type === "None") return [];
  if (task.Type !== "Edited") return [changedWhole(path, task, "Task")];
  const inside = insideOf(task, "Task", path);
  return inside.length > 0 ? inside : unseen(path, "lifecycle or restart", leftOut);
}

/** Nomad compares more than it tells of: blocks for which structs/diff.go has no diff. */
function unseen(path: readonly string[], such: string, leftOut: readonly string[]): string[] {
  const at = path.join(" > ");
  if (leftOut.some((each) => each.startsWith(`${at} > `))) return [];
  return [`${at}: changed in what Nomad's diff leaves out, such as ${such}`];
}

/** The lines of an object's own fields, and of the objects in it. */
function insideOf(object: Pick<ObjectDiff, "Fields" | "Objects">, struct: string, path: readonly string[]): string[] {
  const fields = object.Fields ?? [];
  return [
    ...fields.flatMap((field, index) => fieldLines(field, fields[index - 1], struct, path)),
    ...paired(object.Objects ?? []).flatMap((inner) => objectLines(inner, struct, path)),
  ];
}

function objectLines(object: ObjectDiff, struct: string, parents: readonly string[]): string[] {
  if (object.Type === "None") return [];
  const { name, type } = nameOfObject(struct, object.Name);
  const members = memberLine(object, [...parents, name]);
  if (members !== undefined) return [members];
  const sides = expressions(object);
  if (sides !== undefined) return [expressionLine([...parents, name].join(" > "), ...sides)];
  const identity = identityOf(object);
  const path = [...parents, identity === undefined ? name : `${name} ${identity}`];
  if (object.Type === "Edited") return insideOf(object, type, path);
  return [changedWhole(path, object, type)];
}

/** A list of texts, such as tags: its object has a field of its own name for each of them. */
function memberLine({ Name, Fields, Objects }: ObjectDiff, path: readonly string[]): string | undefined {
  const fields = Fields ?? [];
  if (fields.length === 0 || Objects?.length || !fields.every((field) => field.Name === Name)) return undefined;
  const side = (type: string, of: "Old" | "New") =>
    fields.filter(({ Type }) => Type === type).map((field) => shown(field[of], "string"));
  const [removed, added] = [side("Deleted", "Old"), side("Added", "New")];
  const parts = [
    ...(removed.length > 0 ? [`removed ${some(removed, mostFields)}`] : []),
    ...(added.length > 0 ? [`added ${some(added, mostFields)}`] : []),
  ];
  return `${path.join(" > ")}: ${parts.join("; ")}`;
}

/** A constraint or affinity as it reads, before and after: "${attr.kernel.name} = linux". */
function expressions({ Fields }: ObjectDiff): [old: string, now: string] | undefined {
  const fields = new Map((Fields ?? []).map((field) => [field.Name, field]));
  const [left, operand, right] = [fields.get("LTarget"), fields.get("Operand"), fields.get("RTarget")];
  if (left === undefined && operand === undefined) return undefined;
  const weight = fields.get("Weight");
  const side = (of: "Old" | "New") => {
    const words = [left, operand, right].map((field) => field?.[of] ?? "").filter((word) => !isUnset(word));
    return words.length > 0 && weight ? `${words.join(" ")} (weight ${weight[of]})` : words.join(" ");
  };
  return [side("Old"), side("New")];
}

function expressionLine(label: string, old: string, now: string): string {
  if (old === "") return `${label} ${now} (added)`;
  return now === "" ? `${label} ${old} (removed)` : `${label}: ${old} -> ${now}`;
}

function fieldLines(
  field: FieldDiff,
  before: FieldDiff | undefined,
  struct: string,
  path: readonly string[],
): string[] {
  if (field.Type === "None" || (isUnset(field.Old) && isUnset(field.New))) return [];
  const { name, type } = nameOfField(struct, field.Name);
  // The value of a command's option stands behind it, and is secret where the option's name is.
  const listed = listOf(field.Name) !== undefined && listOf(field.Name) === listOf(before?.Name ?? "");
  const option = listed ? /^--?[A-Za-z][\w.-]*$/.exec(before?.New || before?.Old || "")?.[0] : undefined;
  const label = [...path, option === undefined ? name : `${name} ${option}`].join(" > ");
  const inside = isUnset(field.Old) || isUnset(field.New) ? [] : changedLines(field.Old, field.New);
  if (inside.length > 0) return [`${label}: lines changed`, ...inside];
  return [changeLine(label, shown(field.Old, type), shown(field.New, type))];
}

/** The list of which a field is a member: `args` of `args[0]`. */
const listOf = (name: string) => /^(.*)\[\d+\]$/.exec(name)?.[1];

function changeLine(label: string, old: string, now: string): string {
  if (isUnset(old)) return `${label} = ${now} (added)`;
  if (isUnset(now)) return `${label} = ${old} (removed)`;
  return old === now ? `${label}: changed, still ${now}` : `${label}: ${old} -> ${now}`;
}

/** What is new or gone, and what it consists of: "service web added: port=http". What is zero or usual is left out. */
function changedWhole(path: readonly string[], object: ObjectDiff, struct: string): string {
  const parts = [...partsOf(object, struct)];
  return `${path.join(" > ")} ${verb(object)}${parts.length > 0 ? `: ${some(parts, mostFields)}` : ""}`;
}

function* partsOf(object: ObjectDiff, struct: string): Generator<string> {
  for (const field of object.Fields ?? []) {
    const value = object.Type === "Deleted" ? field.Old : field.New;
    if (isUnset(value) || value === identityOf(object) || usual.has(value) || usual.has(`${field.Name}=${value}`))
      continue;
    const { name, type } = nameOfField(struct, field.Name);
    yield `${name}=${shown(value, type)}`;
  }
  for (const inner of object.Objects ?? []) {
    // Every task has these, and what they hold by default says nothing.
    if (inner.Name === "LogConfig" || inner.Name === "Identity" || inner.Name === "Weights") continue;
    const { name, type } = nameOfObject(struct, inner.Name);
    const sides = expressions(inner);
    const members = (inner.Fields ?? []).every((field) => field.Name === inner.Name);
    if (members) {
      const values = (inner.Fields ?? []).map((field) => shown(field.New || field.Old, "string"));
      yield `${name}=${some(values, 4)}`;
      continue;
    }
    const told = sides?.find((side) => side !== "") ?? [...partsOf(inner, type)].slice(0, 4).join(" ");
    if (told !== "") yield `${name} ${told}`;
  }
}

/** What a canonical job holds where its file says nothing. */
const usual = new Set([
  ...["false", "0", "AddressMode=auto", "Cluster=default", "HostNetwork=default", "KillTimeout=5000000000"],
  ...["Namespace=default", "OnUpdate=require_healthy"],
]);

const verb = ({ Type }: ObjectDiff) => (Type === "Added" ? "added" : "removed");
