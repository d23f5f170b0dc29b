import { fields, type Infer, later, list, maybe, oneOf, type Shape, text, texts } from "./schema.ts";

// The difference between two versions of a job, as a plan and its versions send it (nomad/structs/diff.go). Names are
// those of Go's fields; values are texts, a duration its nanoseconds.

const type = oneOf("None", "Added", "Deleted", "Edited");
/** `None` is what has not changed and is told all the same: the other fields of an object that has. */
export type DiffType = Infer<typeof type>;

/** `Name`: `Count`, `Env[LOG_LEVEL]`; within a task's config the driver's own names, `args[0]`. */
const field = fields({ Type: type, Name: text, Old: text, New: text });
export type FieldDiff = Infer<typeof field>;

/** Objects of a difference lie in one another. */
export interface ObjectDiff {
  Type: DiffType;
  Name: string;
  Fields: FieldDiff[] | null;
  Objects: ObjectDiff[] | null;
}

const parts = {
  Fields: maybe(list(field)),
  Objects: maybe(list(later<ObjectDiff>((): Shape => object))),
};
const object = fields({ Type: type, Name: text, ...parts });
/** `Annotations`, of a plan only: what the change of the task comes to, such as "forces create/destroy update". */
const task = fields({ ...object.fields, Annotations: texts });
const group = fields({ ...object.fields, Tasks: maybe(list(task)) });
export const jobDiff = fields({ Type: type, ID: text, ...parts, TaskGroups: maybe(list(group)) });

export type TaskDiff = Infer<typeof task>;
export type GroupDiff = Infer<typeof group>;
export type JobDiff = Infer<typeof jobDiff>;
