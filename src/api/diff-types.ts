export type { DiffType, FieldDiff, GroupDiff, JobDiff, ObjectDiff, TaskDiff } from "../endpoints/job-diff.ts";
