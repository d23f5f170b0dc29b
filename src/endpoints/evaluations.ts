import { endpoint } from "./endpoint.ts";
import { metrics, updates } from "./metric.ts";
import { readJob } from "./needs.ts";
import {
  counts,
  fields,
  type Infer,
  id,
  indexes,
  list as listOf,
  maybe,
  number,
  oneOf,
  optional,
  text,
  times,
} from "./schema.ts";

const evaluation = fields({
  ID: id,
  Namespace: text,
  JobID: text,
  Type: text,
  TriggeredBy: text,
  Status: oneOf("blocked", "pending", "complete", "failed", "canceled"),
  StatusDescription: optional(text),
  NodeID: optional(text),
  /** Of the job when it was made: a registration makes both at the same index. */
  JobModifyIndex: optional(number),
  DeploymentID: optional(text),
  PreviousEval: optional(text),
  NextEval: optional(text),
  BlockedEval: optional(text),
  WaitUntil: optional(maybe(text)),
  FailedTGAllocs: optional(metrics),
  QueuedAllocations: optional(counts),
  PlanAnnotations: optional(maybe(fields({ DesiredTGUpdates: updates }))),
  QuotaLimitReached: optional(text),
  ...indexes,
  ...times,
});
export type Evaluation = Infer<typeof evaluation>;

const list = endpoint({
  method: "GET",
  path: "/v1/evaluations",
  reply: listOf(evaluation),
  needs: [readJob],
  reach: "namespaces by filter",
  pages: "by age",
});
const reach = { noun: "evaluation", list } as const;

export const evaluations = {
  noun: "evaluation" as const,
  context: "evals",
  list,
  count: endpoint({
    method: "GET",
    path: "/v1/evaluations/count",
    reply: fields({ Count: number }),
    needs: [readJob],
    reach: "namespaces by filter",
    since: "1.5.0",
  }),
  get: endpoint({
    method: "GET",
    path: "/v1/evaluation/:evaluation_id",
    reply: evaluation,
    needs: [readJob],
    reach,
  }),
};
