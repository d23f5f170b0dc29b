import { HttpError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { Registered } from "../job/registry.ts";
import { type RevertRequest, revertJob, tagVersion, untagVersion, type VersionTag } from "../job/revert.ts";
import { type ScalingRequest, scaleJob } from "../job/scale.ts";
import type { JobRoute } from "./job-route.ts";
import { only } from "./lists.ts";

const POST = ["POST", "PUT"];

/** What registering a job answers, and everything that comes to the same. */
export function registered(result: Registered, leader = false): Reply {
  const reply = {
    EvalCreateIndex: result.evalIndex,
    EvalID: result.evalId,
    Index: result.index,
    JobModifyIndex: result.jobModifyIndex,
    KnownLeader: leader,
    LastContact: 0,
    NextToken: "",
    Warnings: result.warnings,
  };
  return { json: reply, index: result.index };
}

/** POST /v1/job/:id/scale. */
export function postScale(...[{ store }, call, id]: Parameters<JobRoute>): Reply {
  only(call, ...POST);
  const request = parseJson(call.body) as ScalingRequest;
  if (request.Count && !Number.isInteger(request.Count))
    throw new HttpError(
      400,
      `json: cannot unmarshal number ${request.Count} into Go struct field ScalingRequest.Count of type int64`,
    );
  if (request.Target?.Job && request.Target.Job !== id) throw new HttpError(400, "job ID in payload did not match URL");
  return registered(scaleJob(store, call.namespace, id, request), true);
}

/** POST /v1/job/:id/revert. */
export const postRevert: JobRoute = (world, call, id) => {
  only(call, ...POST);
  return registered(revertJob(world, call.namespace, id, parseJson(call.body) as RevertRequest));
};

/** PUT and DELETE /v1/job/:id/versions/:tag/tag. */
export const tag: JobRoute = ({ store }, call: Call, path) => {
  only(call, ...POST, "DELETE");
  const [id = "", versions, Name = "", ...rest] = path.split("/");
  if (versions !== "versions" || rest.length > 0) throw new HttpError(404, "invalid job tag endpoint");
  if (call.method === "DELETE") {
    return tagReply({ Name: "", Description: "", TaggedTime: 0 }, untagVersion(store, call.namespace, id, Name));
  }
  const body = parseJson(call.body) as { Version?: number; Description?: string };
  const given = tagVersion(store, call.namespace, id, { ...body, Name });
  return tagReply(given.tag, given.index);
};

function tagReply(tag: VersionTag, index: number): Reply {
  return { json: { ...tag, Index: index, KnownLeader: false, LastContact: 0, NextToken: "" }, index };
}
