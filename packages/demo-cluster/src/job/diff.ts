import type { Job, Task, TaskGroup } from "../state/job-types.ts";
import type { DesiredUpdates } from "../state/types.ts";
import {
  type DiffType,
  type FieldDiff,
  fieldDiffs,
  flatten,
  memberDiff,
  type ObjectDiff,
  objectDiff,
  orNone,
  type Plain,
  plainDiff,
  setDiffs,
  typeOf,
} from "./diff-parts.ts";

interface TaskDiff extends ObjectDiff {
  Annotations: string[] | null;
}

interface GroupDiff extends ObjectDiff {
  Tasks: TaskDiff[] | null;
  Updates: Record<string, number> | null;
}

export interface JobDiff {
  Fields: FieldDiff[] | null;
  ID: string;
  Objects: ObjectDiff[] | null;
  TaskGroups: GroupDiff[] | null;
  Type: DiffType;
}

/** Fields of a job that the servers set, or that its groups have. */
const leaveOfJob =
  "ID Status StatusDescription Version Stable CreateIndex ModifyIndex JobModifyIndex Update SubmitTime NomadTokenID".split(
    " ",
  );

/** What a job differs in from the one before, as nomad/structs/diff.go finds it: not in spreads and lifecycles. */
export function jobDiff(old: Job | undefined, now: Job): JobDiff {
  const own = {
    Fields: orNone(fieldDiffs(flatten(old, false, leaveOfJob), flatten(now, false, leaveOfJob), false)),
    Objects: orNone(
      some([
        memberDiff("Datacenters", old?.Datacenters, now.Datacenters),
        ...conditions(old, now),
        objectDiff("Periodic", old?.Periodic, now.Periodic, {
          objects: (a, b) => [memberDiff("Specs", a.Specs, b.Specs)],
        }),
        objectDiff("ParameterizedJob", old?.ParameterizedJob, now.ParameterizedJob, {
          objects: (a, b) => ["MetaOptional", "MetaRequired"].map((name) => memberDiff(name, a[name], b[name])),
        }),
      ]),
    ),
  };
  const TaskGroups = matched(old?.TaskGroups ?? [], now.TaskGroups, groupDiff);
  const same = own.Fields === null && own.Objects === null && TaskGroups.every(({ Type }) => Type === "None");
  return { ...own, ID: now.ID, TaskGroups: orNone(TaskGroups), Type: old ? (same ? "None" : "Edited") : "Added" };
}

function groupDiff(old: TaskGroup | undefined, now: TaskGroup | undefined): GroupDiff {
  const leave = ["Name", "ShutdownDelay"];
  const [before, after] = [old, now].map((side) => flatten(side, false, leave));
  if (old?.ShutdownDelay) before?.set("ShutdownDelay", String(old.ShutdownDelay));
  if (now?.ShutdownDelay) after?.set("ShutdownDelay", String(now.ShutdownDelay));
  return {
    Fields: orNone(fieldDiffs(before ?? new Map(), after ?? new Map(), false)),
    Name: (now ?? old)?.Name ?? "",
    Objects: orNone(
      some([
        ...conditions(old, now),
        plainDiff("RestartPolicy", old?.RestartPolicy, now?.RestartPolicy),
        plainDiff("Migrate", old?.Migrate, now?.Migrate),
        plainDiff("ReschedulePolicy", old?.ReschedulePolicy, now?.ReschedulePolicy),
        plainDiff("EphemeralDisk", old?.EphemeralDisk, now?.EphemeralDisk),
        plainDiff("Update", old?.Update, now?.Update, ["Stagger"]),
        ...setDiffs("Network", old?.Networks, now?.Networks, undefined, {
          leave: ["Device", "CIDR", "IP", "MBits"],
          objects: (a, b) => [
            ...setDiffs("Static Port", a.ReservedPorts, b.ReservedPorts, ({ Label }) => String(Label)),
            ...setDiffs("Dynamic Port", a.DynamicPorts, b.DynamicPorts, ({ Label }) => String(Label)),
          ],
        }),
        objectDiff("Scaling", old?.Scaling, now?.Scaling, { leave: ["ID", "Type", "CreateIndex", "ModifyIndex"] }),
        ...serviceDiffs(old?.Services, now?.Services),
        ...setDiffs("Volume", listOf(old?.Volumes), listOf(now?.Volumes), ({ Name }) => String(Name)),
      ]),
    ),
    Tasks: orNone(matched(old?.Tasks ?? [], now?.Tasks ?? [], taskDiff)),
    Type: typeOf(old, now),
    Updates: null,
  };
}

function taskDiff(old: Task | undefined, now: Task | undefined): TaskDiff {
  const leave = ["Name", "Config"];
  return {
    Annotations: null,
    Fields: orNone(fieldDiffs(flatten(old, false, leave), flatten(now, false, leave), false)),
    Name: (now ?? old)?.Name ?? "",
    Objects: orNone(
      some([
        ...conditions(old, now),
        objectDiff("Config", old?.Config, now?.Config, { deep: true }),
        objectDiff("Resources", old?.Resources, now?.Resources),
        plainDiff("LogConfig", old?.LogConfig, now?.LogConfig),
        plainDiff("DispatchPayload", old?.DispatchPayload, now?.DispatchPayload),
        ...setDiffs("Artifact", old?.Artifacts, now?.Artifacts),
        ...serviceDiffs(old?.Services, now?.Services),
        ...templateDiffs(old?.Templates ?? [], now?.Templates ?? []),
        objectDiff("Identity", old?.Identity, now?.Identity),
        ...setDiffs("VolumeMount", old?.VolumeMounts, now?.VolumeMounts),
      ]),
    ),
    Type: typeOf(old, now),
  };
}

const some = (list: (ObjectDiff | undefined)[]) => list.filter((each) => each !== undefined);

const listOf = (volumes: TaskGroup["Volumes"] | undefined) => Object.values(volumes ?? {});

type Conditions = Pick<Task, "Constraints" | "Affinities"> | undefined;

function conditions(old: Conditions, now: Conditions): ObjectDiff[] {
  return [
    ...setDiffs("Constraint", old?.Constraints, now?.Constraints),
    ...setDiffs("Affinity", old?.Affinities, now?.Affinities),
  ];
}

function serviceDiffs(old: unknown, now: unknown): ObjectDiff[] {
  return setDiffs("Service", old, now, ({ Name }) => String(Name), {
    objects: (a, b) => [
      memberDiff("CanaryTags", a.CanaryTags, b.CanaryTags),
      memberDiff("Tags", a.Tags, b.Tags),
      ...setDiffs("Check", a.Checks, b.Checks, ({ Name }) => String(Name)),
    ],
  });
}

/** Of one template each it is the same one, whatever changed. */
function templateDiffs(old: readonly Plain[], now: readonly Plain[]): ObjectDiff[] {
  const one = old.length === 1 && now.length === 1;
  return setDiffs("Template", old, now, one ? () => "" : ({ DestPath }) => String(DestPath));
}

/** Every part by its name, of either side. */
function matched<T extends { Name: string }, D>(
  old: readonly T[],
  now: readonly T[],
  diff: (old: T | undefined, now: T | undefined) => D,
): D[] {
  const names = [...new Set([...old, ...now].map(({ Name }) => Name))].sort();
  const find = (list: readonly T[], name: string) => list.find(({ Name }) => Name === name);
  return names.map((name) => diff(find(old, name), find(now, name)));
}

/** Adds what a plan came to (scheduler/annotate.go). What it says of a task can be wrong: of `shutdown_delay` it is. */
export function annotate(diff: JobDiff, updates: Readonly<Record<string, DesiredUpdates>>): JobDiff {
  const groups = (diff.TaskGroups ?? []).map((group) => {
    const counts = updates[group.Name];
    const named =
      counts && updateNames.flatMap(([key, name]) => (counts[key] > 0 ? [[name, counts[key]] as const] : []));
    const fields = (group.Fields ?? []).map((field) => ({ ...field, Annotations: ofCount(field) }));
    const tasks = (group.Tasks ?? []).map((task) => ({ ...task, Annotations: ofTask(task, group) }));
    return {
      ...group,
      Fields: orNone(fields),
      Tasks: orNone(tasks),
      Updates: named ? Object.fromEntries(named) : null,
    };
  });
  return { ...diff, TaskGroups: orNone(groups) };
}

const updateNames = [
  ["Ignore", "ignore"],
  ["Place", "create"],
  ["Migrate", "migrate"],
  ["Stop", "destroy"],
  ["Canary", "canary"],
  ["InPlaceUpdate", "in-place update"],
  ["DestructiveUpdate", "create/destroy update"],
] as const;

function ofCount({ Name, Old, New }: FieldDiff): string[] | null {
  if (Name !== "Count" || Number(Old) === Number(New)) return null;
  return [Number(Old) < Number(New) ? "forces create" : "forces destroy"];
}

function ofTask(task: TaskDiff, group: GroupDiff): string[] | null {
  if (task.Type === "None") return null;
  if (group.Type === "Added" && task.Type === "Added") return ["forces create"];
  if (group.Type === "Deleted" && task.Type === "Deleted") return ["forces destroy"];
  const mild = ["Service", "Constraint", "Affinity", "Spread", "LogConfig"];
  const strong = (object: ObjectDiff) =>
    !mild.includes(object.Name) ||
    object.Fields?.some(({ Name }) => object.Name === "LogConfig" && Name === "Disabled");
  const replaced = task.Fields?.some(({ Name }) => Name !== "KillTimeout") || task.Objects?.some(strong);
  return [replaced ? "forces create/destroy update" : "forces in-place update"];
}
