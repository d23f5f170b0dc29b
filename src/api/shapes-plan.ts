import type { Shape } from "./shape.ts";
import { flag, list, map, maybe, number, text, texts } from "./shape-words.ts";
import { job } from "./shapes-job.ts";
import { allocationStub, desiredUpdates, metric } from "./shapes-state.ts";

// What a plan and the versions of a job are sent as. Objects of a difference lie in one another.

const fields = maybe(list({ fields: { Type: text, Name: text, Old: text, New: text } }));

const objectDiff: Shape = {
  fields: {
    Type: text,
    Name: text,
    Fields: fields,
    get Objects(): Shape {
      return maybe(list(objectDiff));
    },
  },
};
const objects = maybe(list(objectDiff));
const taskDiff = { fields: { Type: text, Name: text, Fields: fields, Objects: objects, Annotations: texts } } as const;
const groupDiff = {
  fields: { Type: text, Name: text, Fields: fields, Objects: objects, Tasks: maybe(list(taskDiff)) },
} as const;

const jobDiff: Shape = {
  fields: { Type: text, ID: text, Fields: fields, Objects: objects, TaskGroups: maybe(list(groupDiff)) },
};

/** `POST /v1/job/:id/plan`. */
export const jobPlan: Shape = {
  fields: {
    JobModifyIndex: number,
    Diff: jobDiff,
    Annotations: maybe({
      fields: { DesiredTGUpdates: maybe(map(desiredUpdates)), PreemptedAllocs: maybe(list(allocationStub)) },
    }),
    FailedTGAllocs: maybe(map(metric)),
    NextPeriodicLaunch: maybe(text),
    Warnings: text,
  },
};

const tag = { fields: { Name: text, Description: text, TaggedTime: number } } as const;
const version = { fields: { ...job.fields, Stable: flag, VersionTag: maybe(tag), NomadTokenID: maybe(text) } } as const;

/** `GET /v1/job/:id/versions`. */
export const jobVersions: Shape = { fields: { Versions: maybe(list(version)), Diffs: maybe(list(jobDiff)) } };
