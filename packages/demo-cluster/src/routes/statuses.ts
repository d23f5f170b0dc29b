import { HttpError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import { isActive } from "../state/job-status.ts";
import { isParameterized, type Job } from "../state/job-types.ts";
import { allocsOf, jobKey, latestDeployment, type Store } from "../state/store.ts";
import type { Deployment } from "../state/types.ts";
import type { World } from "../world.ts";
import { flag, inNamespace, only, page } from "./lists.ts";

/** GET and POST /v1/jobs/statuses (nomad/job_endpoint_statuses.go): the last changed first, with all their allocations. */
export function jobStatuses({ store }: World, call: Call): Reply {
  only(call, "GET", "POST");
  const body = call.body ? (parseJson(call.body) as { Jobs?: unknown; IncludeChildren?: unknown }) : undefined;
  const asked = body === undefined ? undefined : keysOf(body.Jobs);
  if (asked?.size === 0) throw new HttpError(400, "no jobs in request");
  const children = body?.IncludeChildren === true || flag(call, "include_children") === true;
  // The namespaces of what is asked for go before the usual one.
  const here = asked && call.namespace === "default" ? () => true : inNamespace(call);
  const items = [...store.jobs.values()].filter(
    (job) =>
      here(job) &&
      (children || job.ParentID === "") &&
      (asked === undefined || asked.has(jobKey(job.Namespace, job.ID))),
  );
  return page(call, {
    items,
    order: (one, other) => other.ModifyIndex - one.ModifyIndex,
    token: ({ ModifyIndex }) => String(ModifyIndex),
    stub: (job) => statusesOf(store, job),
  });
}

function keysOf(jobs: unknown): Set<string> {
  const named = (Array.isArray(jobs) ? jobs : []) as { Namespace?: string; ID?: string }[];
  return new Set(named.map(({ Namespace = "", ID = "" }) => jobKey(Namespace, ID)));
}

function statusesOf(store: Store, job: Job): object {
  const { ID, Namespace, Name, Type, NodePool, Datacenters, Priority, Version, ParentID, SubmitTime } = job;
  const parent = Boolean(job.Periodic) || isParameterized(job);
  const key = jobKey(Namespace, ID);
  const latest = parent ? undefined : latestDeployment(store, key);
  const allocations = parent ? [] : allocsOf(store, key);
  return {
    ...{ ID, Namespace, Name, Type, NodePool, Datacenters, Priority, Version, ParentID, SubmitTime },
    ...{ ModifyIndex: job.ModifyIndex, Status: job.Status, Stop: job.Stop, IsPack: false },
    GroupCountSum: job.TaskGroups.reduce((sum, { Count }) => sum + Count, 0),
    ChildStatuses: parent ? [...store.jobs.values()].filter(isChildOf(job)).map(({ Status }) => Status) : null,
    Allocs:
      allocations.length === 0
        ? null
        : allocations.map((each) => ({
            ...{ ID: each.ID, Group: each.TaskGroup, ClientStatus: each.ClientStatus, NodeID: each.NodeID },
            ...{ JobVersion: each.Job.Version, FollowupEvalID: each.FollowupEvalID, HasPausedTask: false },
            DeploymentStatus: {
              Canary: each.DeploymentStatus?.Canary ?? false,
              Healthy: each.DeploymentStatus?.Healthy ?? null,
            },
          })),
    LatestDeployment: latest ? deploymentOf(latest) : null,
  };
}

const isChildOf = (parent: Job) => (job: Job) => job.ParentID === parent.ID && job.Namespace === parent.Namespace;

function deploymentOf(deployment: Deployment): object {
  const { ID, JobVersion, Status, StatusDescription } = deployment;
  const canaries = Object.values(deployment.TaskGroups).filter(({ DesiredCanaries }) => DesiredCanaries > 0);
  const running = Status === "running";
  return {
    ...{ ID, JobVersion, Status, StatusDescription, IsActive: isActive(deployment) },
    AllAutoPromote: running && canaries.every(({ AutoPromote }) => AutoPromote),
    RequiresPromotion: running && canaries.some(({ Promoted }) => !Promoted),
  };
}
