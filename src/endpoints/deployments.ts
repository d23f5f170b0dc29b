import { endpoint } from "./endpoint.ts";
import { may, readJob } from "./needs.ts";
import {
  fields,
  flag,
  type Infer,
  id,
  indexes,
  list as listOf,
  map,
  maybe,
  number,
  oneOf,
  optional,
  text,
  texts,
  times,
} from "./schema.ts";

/** Its counters are cumulative: replaced allocations stay in them. */
const group = fields({
  AutoRevert: flag,
  AutoPromote: flag,
  Promoted: flag,
  PlacedCanaries: texts,
  DesiredCanaries: number,
  DesiredTotal: number,
  PlacedAllocs: number,
  HealthyAllocs: number,
  UnhealthyAllocs: number,
  ProgressDeadline: number,
  RequireProgressBy: maybe(text),
});
const status = oneOf(
  "initializing",
  "pending",
  "running",
  "paused",
  "blocked",
  "unblocking",
  "successful",
  "failed",
  "cancelled",
);

const deployment = fields({
  ID: id,
  Namespace: text,
  JobID: text,
  JobVersion: number,
  /** The `JobModifyIndex` of the version that it deploys. */
  JobSpecModifyIndex: optional(number),
  JobCreateIndex: number,
  Status: status,
  StatusDescription: text,
  TaskGroups: maybe(map(group)),
  ...indexes,
  ...times,
});
export type Deployment = Infer<typeof deployment>;

const list = endpoint({
  method: "GET",
  path: "/v1/deployments",
  reply: listOf(deployment),
  needs: [readJob],
  reach: "namespaces by filter",
  pages: "by age",
});
const reach = { noun: "deployment", list } as const;

/** What acting on one comes to. `EvalID` is empty where nothing is evaluated. */
const acted = fields({ EvalID: text, RevertedJobVersion: maybe(number) });
const shows = "deployment status :deployment_id";

export const deployments = {
  noun: "deployment" as const,
  context: "deployment",
  list,
  get: endpoint({
    method: "GET",
    path: "/v1/deployment/:deployment_id",
    reply: deployment,
    needs: [readJob],
    reach,
  }),
  /** Groups that there are not are promoted with success, and without effect. */
  promote: endpoint({
    method: "POST",
    path: "/v1/deployment/promote/:deployment_id",
    reply: acted,
    needs: [may("submit-job", "promote-deployment")],
    reach,
    shows,
  }),
  fail: endpoint({
    method: "POST",
    path: "/v1/deployment/fail/:deployment_id",
    reply: acted,
    needs: [may("submit-job", "fail-deployment")],
    reach,
    shows,
  }),
  /** Or has it go on. A repeat is a success. */
  pause: endpoint({
    method: "POST",
    path: "/v1/deployment/pause/:deployment_id",
    reply: acted,
    needs: [may("submit-job", "pause-deployment")],
    reach,
    shows,
  }),
  /** One allocation that is said to be unhealthy fails the deployment. */
  setHealth: endpoint({
    method: "POST",
    path: "/v1/deployment/allocation-health/:deployment_id",
    reply: acted,
    needs: [may("submit-job", "set-alloc-health-deployment")],
    reach,
    shows,
  }),
};
