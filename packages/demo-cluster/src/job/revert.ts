import { HttpError, serverError } from "../errors.ts";
import { jobKey, type Store } from "../state/store.ts";
import { type Registered, type Registry, register } from "./registry.ts";

/** What a body of POST /v1/job/:id/revert asks for. */
export interface RevertRequest {
  JobID?: string;
  JobVersion?: number;
  EnforcePriorVersion?: number | null;
}

/** Registers an older version of a job as its newest one. */
export function revertJob(registry: Registry, namespace: string, id: string, request: RevertRequest): Registered {
  const { JobID, JobVersion: wanted = 0, EnforcePriorVersion: prior } = request;
  if (!JobID) throw new HttpError(400, "JobID must be specified");
  if (JobID !== id) throw new HttpError(400, "Job ID does not match");
  const { store } = registry;
  const key = jobKey(namespace, id);
  const current = store.jobs.get(key);
  if (!current) throw serverError(`job ${JSON.stringify(id)} not found`);
  if (wanted === current.Version) throw serverError("can't revert to current version");
  const older = store.versions.get(key)?.find((version) => version.Version === wanted);
  if (!older)
    throw serverError(
      `job ${JSON.stringify(id)} in namespace ${JSON.stringify(namespace)} at version ${wanted} not found`,
    );
  const enforce = prior !== null && prior !== undefined;
  if (enforce && prior !== current.Version)
    throw serverError(`Current job has version ${current.Version}; enforcing version ${prior}`);
  return register(registry, { ...older, VersionTag: null, Stable: false }, namespace, {
    enforceIndex: enforce,
    jobModifyIndex: enforce ? current.JobModifyIndex : 0,
  });
}

/** The tag of a version, as the reply to tagging has it. */
export interface VersionTag {
  Name: string;
  Description: string;
  TaggedTime: number;
}

/** Gives a version of a job a name of its own; a version with a tag is kept. */
export function tagVersion(
  store: Store,
  namespace: string,
  id: string,
  tag: { Name: string; Description?: string; Version?: number },
): { tag: VersionTag; index: number } {
  const versions = store.versions.get(jobKey(namespace, id)) ?? [];
  const taken = versions.find(({ VersionTag }) => VersionTag?.Name === tag.Name);
  if (taken && taken.Version !== (tag.Version ?? 0))
    throw serverError(
      `tag ${JSON.stringify(tag.Name)} already exists on a different version of job ${JSON.stringify(id)}`,
    );
  const job = versions.find(({ Version }) => Version === (tag.Version ?? 0));
  if (!job) throw serverError(`job ${JSON.stringify(id)} version ${tag.Version ?? 0} not found`);
  const VersionTag = { Name: tag.Name, Description: tag.Description ?? "", TaggedTime: store.stamp() };
  const index = store.write((put) => put.job({ ...job, VersionTag }, { keep: true }));
  return { tag: VersionTag, index };
}

/** Takes a tag away; the version goes with it where it was kept for that alone. */
export function untagVersion(store: Store, namespace: string, id: string, name: string): number {
  const job = store.versions.get(jobKey(namespace, id))?.find(({ VersionTag }) => VersionTag?.Name === name);
  if (!job) throw serverError(`tag ${JSON.stringify(name)} not found on job ${JSON.stringify(id)}`);
  return store.write((put) => put.job({ ...job, VersionTag: null }, { keep: true }));
}
