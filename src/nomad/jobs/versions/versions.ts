import { Refusal } from "../../../api/errors/refusal.ts";
import type { JobDiff } from "../../../endpoints/job-diff.ts";
import { type JobVersion, type JobVersions, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient, Query } from "../../../nomad-client.ts";
import { some } from "../../../text/words.ts";

/** The versions of a job, newest first, and what differs. */
export interface Versions {
  readonly versions: readonly JobVersion[];
  /** By version: the way from the one before it, or from the one that was compared with, to this one. */
  readonly diffs: ReadonlyMap<number, JobDiff>;
}

/** The versions that Nomad keeps of a job, without what differs. */
export async function readVersions(nomad: NomadClient, jobId: string): Promise<readonly JobVersion[]> {
  return (await read(nomad, jobId)).Versions ?? [];
}

/** The versions of a job, each with what changed from the one before it. The oldest has nothing to be compared with. */
export async function versionHistory(nomad: NomadClient, jobId: string): Promise<Versions> {
  return historyOf(await read(nomad, jobId, { diffs: true }));
}

/** A reply whose differences are those of neighbours. */
export function historyOf({ Versions, Diffs }: JobVersions): Versions {
  return { versions: Versions ?? [], diffs: byVersion(Versions ?? [], Diffs ?? []) };
}

/**
 * The versions of a job, each with what would change if it took the place of version `from`. Without differences where
 * Nomad is older than 1.9: it then compares neighbours, whatever it is asked, and so has one comparison less.
 */
export async function versionsAgainst(nomad: NomadClient, jobId: string, from: number): Promise<Versions> {
  const { Versions, Diffs } = await read(nomad, jobId, { diffs: true, diff_version: from });
  const asked = Diffs?.length === Versions?.length;
  return { versions: Versions ?? [], diffs: byVersion(Versions ?? [], asked ? (Diffs ?? []) : []) };
}

async function read(nomad: NomadClient, jobId: string, query?: Query): Promise<JobVersions> {
  return await nomad.get(jobs.versions, { job_id: jobId, ...query });
}

function byVersion(versions: readonly JobVersion[], diffs: readonly JobDiff[]): ReadonlyMap<number, JobDiff> {
  return new Map(
    diffs.flatMap((diff, index) => {
      const version = versions[index]?.Version;
      return version === undefined ? [] : [[version, diff] as const];
    }),
  );
}

/**
 * The version that a person means by its number or its tag; a number goes first, as for the CLI.
 *
 * @throws Refusal that names the versions that there are, with `end` behind it.
 */
export function pickVersion(versions: readonly JobVersion[], given: string, end = ""): JobVersion {
  const number = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  const found =
    versions.find(({ Version }) => Version === number) ?? versions.find(({ VersionTag }) => VersionTag?.Name === given);
  if (found !== undefined) return found;
  const [newest] = versions;
  const kept = some(versions.map(versionName), 12);
  throw new Refusal(
    `There is no version ${JSON.stringify(given)} of ${newest?.ID}: Nomad keeps ${kept}. ${end}`.trimEnd(),
  );
}

/** "3", "1 (tag good)". */
export function versionName({ Version, VersionTag }: JobVersion): string {
  return VersionTag ? `${Version} (tag ${VersionTag.Name})` : String(Version);
}

/** The newest stable version below the present one, if any: one that ran. */
export function stableBelow(versions: readonly JobVersion[], current: JobVersion): JobVersion | undefined {
  return versions.find(({ Stable, Stop, Version }) => Stable && !Stop && Version < current.Version);
}
