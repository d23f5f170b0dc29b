import { aclReplies } from "./acl-shapes.ts";
import { type Shape, shaped } from "./shape.ts";
import { autopilot, schedulerConfiguration } from "./shapes-cluster.ts";
import { job, jobChange, jobStub, jobSummary, scaleStatus } from "./shapes-job.ts";
import { jobPlan, jobVersions } from "./shapes-plan.ts";
import { allocation, allocationStub, deployment, evaluation, nodeStub } from "./shapes-state.ts";

const named: Shape = { list: { fields: { Name: "text" } } };
const some = (of: Shape): Shape => ({ list: of });

const check: Shape = {
  fields: {
    Check: "text",
    Service: "text",
    Mode: "text",
    Status: "text",
    Output: "text",
    StatusCode: { maybe: "number" },
  },
};

/** What each route answers that is read as an object of types.ts; paths have a word in each variable place. */
const replies: readonly (readonly [methods: string, pattern: string, shape: Shape])[] = [
  ...aclReplies,
  ["GET", "/v1/jobs", some(jobStub)],
  ["GET", "/v1/job/:id", job],
  ["GET", "/v1/job/:id/versions", jobVersions],
  ["GET", "/v1/job/:id/summary", jobSummary],
  ["GET", "/v1/job/:id/scale", scaleStatus],
  ["GET", "/v1/job/:id/allocations", some(allocationStub)],
  ["GET", "/v1/job/:id/evaluations", some(evaluation)],
  ["GET", "/v1/job/:id/deployments", some(deployment)],
  ["GET", "/v1/job/:id/deployment", { maybe: deployment }],
  ["GET", "/v1/allocations", some(allocationStub)],
  ["GET", "/v1/allocation/:id", allocation],
  ["GET", "/v1/evaluations", some(evaluation)],
  ["GET", "/v1/evaluation/:id", evaluation],
  ["GET", "/v1/evaluation/:id/allocations", some(allocationStub)],
  ["GET", "/v1/deployments", some(deployment)],
  ["GET", "/v1/deployment/:id", deployment],
  ["GET", "/v1/deployment/allocations/:id", some(allocationStub)],
  ["GET", "/v1/nodes", some(nodeStub)],
  ["GET", "/v1/node/pools", named],
  ["GET", "/v1/operator/autopilot/health", autopilot],
  ["GET", "/v1/operator/scheduler/configuration", schedulerConfiguration],
  ["GET", "/v1/namespaces", named],
  ["GET", "/v1/regions", some("text")],
  ["GET", "/v1/client/fs/ls/:id", named],
  ["GET", "/v1/client/allocation/:id/checks", { maybe: { map: check } }],
  ["POST|PUT", "/v1/jobs", jobChange],
  ["POST|PUT|DELETE", "/v1/job/:id", jobChange],
  ["POST|PUT", "/v1/job/:id/plan", jobPlan],
  ["POST|PUT", "/v1/job/:id/dispatch", { fields: { DispatchedJobID: "id", EvalID: "text" } }],
  ["POST|PUT", "/v1/validate/job", { fields: { Error: "text", Warnings: "text" } }],
  ["POST|PUT", "/v1/job/:id/evaluate", jobChange],
  ["POST|PUT", "/v1/job/:id/revert", jobChange],
  ["POST|PUT", "/v1/job/:id/scale", jobChange],
];

const compiled = replies.map(([methods, pattern, shape]) => ({
  methods: methods.split("|"),
  path: new RegExp(`^${pattern.replaceAll(/:[a-z]+/g, "[^/]+")}$`),
  shape,
}));

/**
 * A reply in the shape that its route has, so that what reads it may rely on types.ts; as it is where none is known.
 *
 * @throws Misshapen where it is something else.
 */
export function shapedReply(method: string, path: string, reply: unknown): unknown {
  const route = compiled.find((each) => each.methods.includes(method) && each.path.test(path));
  return route === undefined ? reply : shaped(route.shape, reply);
}
