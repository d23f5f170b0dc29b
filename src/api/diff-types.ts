/**
 * The difference between two versions of a job, as a plan and `GET /v1/job/:id/versions?diffs=true` send it
 * (nomad/structs/diff.go). Names are those of Go's fields; values are texts, a duration its nanoseconds.
 */
export interface JobDiff extends Omit<ObjectDiff, "Name"> {
  ID: string;
  TaskGroups: GroupDiff[] | null;
}

/** `None` is what has not changed and is told all the same: the other fields of an object that has. */
export type DiffType = "None" | "Added" | "Deleted" | "Edited";

export interface ObjectDiff {
  Type: DiffType;
  Name: string;
  Fields: FieldDiff[] | null;
  Objects: ObjectDiff[] | null;
}

export interface FieldDiff {
  Type: DiffType;
  /** `Count`, `Env[LOG_LEVEL]`; within a task's config the driver's own names, `args[0]`. */
  Name: string;
  Old: string;
  New: string;
}

export interface GroupDiff extends ObjectDiff {
  Tasks: TaskDiff[] | null;
}

export interface TaskDiff extends ObjectDiff {
  /** Of a plan only: what the change of the task comes to, such as "forces create/destroy update". */
  Annotations: string[] | null;
}
