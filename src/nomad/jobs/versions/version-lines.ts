import { literal } from "../../../api/request/path.ts";
import { allocations } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../../endpoints/deployments.ts";
import type { JobVersion } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { grouped, lines, short } from "../../../text/words.ts";
import { isActive } from "../../deployments/words.ts";
import { diffLines } from "../plan/diff.ts";
import type { Versions } from "./versions.ts";

/** So many lines of what changed are told of one version. */
const mostChanges = 12;

/** The newest deployment of each version of a job that Nomad still has. */
export async function deploymentsByVersion(
  nomad: NomadClient,
  job: JobVersion,
): Promise<ReadonlyMap<number, Deployment>> {
  const query = { filter: `JobID == ${literal(job.ID)}`, reverse: true, per_page: 20 };
  const { items } = await nomad.list(deployments.list, query);
  const own = items.filter(({ JobCreateIndex }) => JobCreateIndex === job.CreateIndex);
  // The last one of a version that is put in wins, so the newest go in last.
  return new Map(own.toReversed().map((deployment) => [deployment.JobVersion, deployment]));
}

/** So many running allocations are looked at. */
const mostRunning = 100;

/** How many allocations of each version of a job run, as far as they are not too many to be counted. */
export async function runningByVersion(nomad: NomadClient, job: JobVersion): Promise<ReadonlyMap<number, number>> {
  const filter = `JobID == ${literal(job.ID)} and DesiredStatus == "run" and ClientStatus == "running"`;
  const query = { filter, per_page: mostRunning, task_states: false };
  const { items, next } = await nomad.list(allocations.list, query);
  const counts = new Map<number, number>();
  for (const { JobVersion } of next === undefined ? items : [])
    counts.set(JobVersion, (counts.get(JobVersion) ?? 0) + 1);
  return counts;
}

/** What is known of a version beside what Nomad keeps in it. */
export interface VersionFacts {
  readonly deployment: Deployment | undefined;
  readonly running: number | undefined;
  /** What is kept of its scaling, a line each. */
  readonly scaling: readonly string[];
}

/** A version in a line, and below it what changed from the one before it, a line each. */
export function versionLines(
  version: JobVersion,
  { diffs, versions }: Versions,
  { deployment, running, scaling }: VersionFacts,
  now: number,
): string {
  const [current] = versions;
  const tag = version.VersionTag;
  const parts = [
    `version ${version.Version}`,
    ...whenMade(version, versions, deployment, now),
    ...(version.Version === current?.Version ? ["current"] : []),
    // Stopping copies it to the version that it makes.
    ...(version.Stop ? ["stopped"] : version.Stable ? ["stable"] : []),
    ...(running ? [`${grouped(running)} running`] : []),
    ...deploymentParts(deployment),
    ...(tag ? [`tag ${tag.Name}${tag.Description ? ` (${quotedLine(tag.Description, 120)})` : ""}`] : []),
    ...(version.NomadTokenID ? [`submitted with token ${short(version.NomadTokenID)}`] : []),
  ];
  const before = versions[versions.indexOf(version) + 1];
  const diff = diffs.get(version.Version);
  const changed = diff === undefined ? [] : diffLines(diff, mostChanges);
  return lines(
    parts.join(", "),
    // Those between are kept no longer.
    before !== undefined && before.Version + 1 < version.Version && `  against version ${before.Version}:`,
    diff !== undefined && changed.length === 0 && "  no difference",
    ...[...changed, ...scaling].map((line) => `  ${line}`),
  );
}

/** Where Nomad itself goes back to a version, it keeps that one's SubmitTime: the time stands in the deployment then. */
function whenMade(
  { SubmitTime, Version }: JobVersion,
  versions: readonly JobVersion[],
  deployment: Deployment | undefined,
  now: number,
): string[] {
  const copied = versions.find((other) => other.Version < Version && other.SubmitTime === SubmitTime);
  const made = fromNanoseconds(copied ? deployment?.CreateTime : SubmitTime);
  return [
    ...(made === undefined ? [] : [ago(made, now)]),
    ...(copied ? [`rolled back by Nomad to version ${copied.Version}`] : []),
  ];
}

/** A deployment that succeeded has made its version stable, which is said already. */
function deploymentParts(deployment: Deployment | undefined): string[] {
  if (deployment === undefined || deployment.Status === "successful") return [];
  if (isActive(deployment)) return [`deployment ${deployment.Status}`];
  const why = quotedLine(
    deployment.StatusDescription.replace(/^(?:(?:Failed|Cancelled) (?:due to|because)|Deployment) /, ""),
    120,
  );
  return [`deployment ${deployment.Status} (${why})`];
}
