import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { type JobChange, type JobVersion, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { some } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { warningLines } from "../file/refused.ts";
import type { Registered } from "../file/register.ts";
import { diffLines } from "../plan/diff.ts";
import { pickVersion, stableBelow, versionName, versionsAgainst } from "../versions/versions.ts";

/** A way back to an older version of a job. */
export interface Revert {
  readonly current: JobVersion;
  readonly target: JobVersion;
  /** "version 2 (the last stable one)", "version 1 (tag good)" */
  readonly called: string;
  /** What changes by it, a line each; undefined where Nomad cannot tell. */
  readonly changes: readonly string[] | undefined;
}

const unchanged = "Nothing was changed.";

/**
 * Which version a job goes back to, and what changes by that: the version given by number or tag, else the newest stable
 * one below the present.
 *
 * @throws Refusal where there is no such version, or going back to it is not what can be meant.
 */
export async function planRevert(nomad: NomadClient, jobId: string, given: string | undefined): Promise<Revert> {
  const { Version } = await nomad.get(jobs.get, { job_id: jobId });
  const { versions, diffs } = await versionsAgainst(nomad, jobId, Version);
  const current = versions.find((version) => version.Version === Version);
  if (current === undefined) throw changedMeanwhile(jobId);
  const target = given === undefined ? lastStable(nomad, current, versions) : pickVersion(versions, given, unchanged);
  const called = `version ${versionName(target)}${given === undefined ? " (the last stable one)" : ""}`;
  if (target.Version === Version) {
    const older = versions.filter((version) => version !== target).map(versionName);
    const kept = older.length > 0 ? `Nomad keeps ${some(older, 12)} beside it` : "Nomad keeps no other one";
    throw new Refusal(`Version ${versionName(target)} of ${jobId} is the current one: ${kept}. ${unchanged}`);
  }
  if (target.Stop) {
    const stop = toolOrCommand(nomad, ["stop_job", { job_id: jobId }], ["job stop", jobId]);
    throw new Refusal(`${capital(called)} of ${jobId} is a stopped one. ${unchanged}\nNext: ${stop} stops the job`);
  }
  const diff = diffs.get(target.Version);
  if (diff?.Type === "None") {
    throw new Refusal(
      `${capital(called)} of ${jobId} is the same as the current version ${Version}: there is nothing to go back to. ${unchanged}`,
    );
  }
  return { current, target, called, changes: diff && diffLines(diff) };
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function lastStable(nomad: NomadClient, current: JobVersion, versions: readonly JobVersion[]): JobVersion {
  const id = current.ID;
  if (current.Stop) {
    const start = toolOrCommand(nomad, ["start_job", { job_id: id }], ["job start", id]);
    throw new Refusal(
      `${id} is stopped. ${unchanged}\nNext: ${start} starts it as it was; a version to go back to has to be named`,
    );
  }
  const stable = stableBelow(versions, current);
  if (stable !== undefined) return stable;
  const older = versions.filter(({ Version }) => Version !== current.Version).map(versionName);
  const rest =
    older.length > 0
      ? `no version below ${current.Version} was stable. A version to go back to has to be named: Nomad keeps ${some(older, 12)}`
      : `version ${current.Version} is the only one that Nomad keeps`;
  throw new Refusal(`${id}: ${rest}. ${unchanged}`);
}

/**
 * Goes back to a version, only if nobody changed the job since it was looked at. What it gives is told by tellRegistered.
 *
 * @throws Refusal where somebody did.
 */
export async function revert(nomad: NomadClient, { current, target, called, changes }: Revert): Promise<Registered> {
  const change = await send(nomad, current, target);
  const done = `reverted to ${called}, which is now version ${current.Version + 1}`;
  const notes = [
    ...(current.Stop ? ["It was stopped, and this started it again."] : []),
    ...(changes === undefined ? ["What changed is not known: this Nomad is older than 1.9."] : changeLines(changes)),
    ...warningLines(change.Warnings),
  ];
  return { evaluationId: change.EvalID, done, notes };
}

/** What changes by a revert, under a heading. */
export function changeLines(changes: readonly string[]): string[] {
  return changes.length === 0 ? [] : ["Changes:", ...changes.map((line) => `  ${line}`)];
}

async function send(nomad: NomadClient, { ID, Version }: JobVersion, target: JobVersion): Promise<JobChange> {
  const body = { JobID: ID, JobVersion: target.Version, EnforcePriorVersion: Version };
  try {
    return await nomad.write(jobs.revert, { job_id: ID }, body);
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind !== "conflict") throw error;
    throw changedMeanwhile(ID);
  }
}

function changedMeanwhile(jobId: string): Refusal {
  return new Refusal(`Somebody else changed ${jobId} at this very moment. Nothing was reverted: call again.`);
}
