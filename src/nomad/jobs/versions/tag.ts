import { Refusal } from "../../../api/errors/refusal.ts";
import { type JobVersion, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { some } from "../../../text/words.ts";
import { unchanged } from "../../shared/exact-id.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { sendOnce } from "../../shared/send-once.ts";
import { pickVersion, readVersions } from "./versions.ts";

/** A tag that a version of a job is to have. */
export interface AskedTag {
  readonly tag: string;
  /** Its number, or a tag that it has; without it the current one. */
  readonly version: string | undefined;
  /** Without it that of a tag of this name stays. */
  readonly description: string | undefined;
}

/**
 * Gives a version of a job a tag, once, and looks whether it has it. A version has one tag: another one takes its place, as
 * with the `nomad` command.
 *
 * @throws Refusal where the tag can be none, there is no such version, another one has the tag, or it is not so afterwards.
 */
export async function tagVersion(nomad: NomadClient, jobId: string, asked: AskedTag): Promise<Answer> {
  const { tag, version, description } = asked;
  checkTag(jobId, tag);
  const versions = await readVersions(nomad, jobId);
  const [current] = versions;
  const target = version === undefined ? current : pickVersion(versions, version, unchanged);
  if (target === undefined) throw new Refusal(`Nomad keeps no version of ${jobId}. ${unchanged}`);
  const holder = holderOf(tag, versions);
  if (holder !== undefined && holder.Version !== target.Version) {
    const remove = removeStep(nomad, jobId, tag);
    throw new Refusal(
      `Version ${holder.Version} of ${jobId} has the tag ${tag}, and only one can. ${unchanged}\nNext: ${remove} takes it away there; a version that is too old to be kept without a tag is deleted with it`,
    );
  }
  const which = `version ${target.Version}${target === current ? " (the current one)" : ""}`;
  const data = { job_id: jobId, namespace: nomad.namespace, version: target.Version, tag };
  const before = target.VersionTag ?? undefined;
  if (holder !== undefined && (description ?? before?.Description) === before?.Description) {
    return { headline: `${jobId}: ${which} is tagged ${tagText(before)} already. ${unchanged}`, data };
  }
  const body = { Version: target.Version, Description: description ?? "" };
  await sendOnce(
    async () => await nomad.write(jobs.tagVersion, { job_id: jobId, tag }, body),
    () => whoHasIt(nomad, jobId, tag),
    look(nomad, jobId),
  );
  const now = holderOf(tag, await readVersions(nomad, jobId));
  if (now?.Version !== target.Version) throw changedSince(now, tag);
  return {
    headline: `${jobId}: ${which} is tagged ${tagText(now.VersionTag)} now (namespace ${nomad.namespace}); so it is kept, however many versions follow`,
    sections: [before && before.Name !== tag && `It was tagged ${tagText(before)} before: a version has one tag only`],
    data,
  };
}

/**
 * Takes a tag away from the version that has it, once, and looks what became of that one: where it was kept for its tag alone,
 * Nomad deletes it in the same moment (operator-observed.md §10).
 *
 * @throws Refusal where another version than `version` has it, or some version has it afterwards.
 */
export async function untagVersion(
  nomad: NomadClient,
  jobId: string,
  { tag, version }: Omit<AskedTag, "description">,
): Promise<Answer> {
  const versions = await readVersions(nomad, jobId);
  const holder = holderOf(tag, versions);
  const data = { job_id: jobId, namespace: nomad.namespace, tag };
  if (holder === undefined) {
    return { headline: `${jobId}: no version has the tag ${tag}; ${tagsOf(versions)}. ${unchanged}`, data };
  }
  if (version !== undefined && pickVersion(versions, version, unchanged) !== holder) {
    throw new Refusal(`Version ${holder.Version} of ${jobId} has the tag ${tag}, not ${version}. ${unchanged}`);
  }
  await sendOnce(
    async () => await nomad.write(jobs.untagVersion, { job_id: jobId, tag }),
    () => whoHasIt(nomad, jobId, tag),
    look(nomad, jobId),
  );
  const after = await readVersions(nomad, jobId);
  const now = holderOf(tag, after);
  if (now !== undefined) throw changedSince(now, tag);
  const kept = after.some(({ Version }) => Version === holder.Version);
  const became = kept
    ? "it is kept as long as it is one of the newest"
    : "it is deleted with that, since it was older than those that Nomad keeps without a tag";
  return {
    headline: `${jobId}: version ${holder.Version} is no longer tagged ${tagText(holder.VersionTag)} (namespace ${nomad.namespace}); ${became}`,
    data: { ...data, version: holder.Version, kept },
  };
}

/** The path of Nomad's route has its parts between slashes, and a version is looked for by its number first. */
function checkTag(jobId: string, tag: string): void {
  const why = jobId.includes("/")
    ? "Nomad takes no tag for a job whose id has a slash in it, such as a run of a periodic job"
    : tag.includes("/")
      ? "a tag cannot have a slash in it"
      : tag.trim() !== tag || tag === ""
        ? "a tag cannot be empty, or begin or end with a space"
        : /^\d+$/.test(tag)
          ? `a tag of digits alone would be read as the number of a version: say v${tag}`
          : undefined;
  if (why !== undefined) throw new Refusal(`${why.charAt(0).toUpperCase()}${why.slice(1)}. ${unchanged}`);
}

function holderOf(tag: string, versions: readonly JobVersion[]): JobVersion | undefined {
  return versions.find(({ VersionTag }) => VersionTag?.Name === tag);
}

/** `golden (before the sale)` */
function tagText(tag: JobVersion["VersionTag"]): string {
  return tag ? `${tag.Name}${tag.Description ? ` (${quotedLine(tag.Description, 120)})` : ""}` : "";
}

function tagsOf(versions: readonly JobVersion[]): string {
  const tags = versions.flatMap(({ Version, VersionTag }) => (VersionTag ? [`${VersionTag.Name} (${Version})`] : []));
  return tags.length > 0 ? `there are ${some(tags, 12)}` : "none has any";
}

async function whoHasIt(nomad: NomadClient, jobId: string, tag: string): Promise<string> {
  const holder = holderOf(tag, await readVersions(nomad, jobId));
  return holder
    ? `version ${holder.Version} has the tag ${tagText(holder.VersionTag)}`
    : `no version has the tag ${tag}`;
}

function changedSince(holder: JobVersion | undefined, tag: string): Refusal {
  const now = holder ? `version ${holder.Version} has the tag ${tag}` : `no version has the tag ${tag}`;
  return new Refusal(`Nomad took the change, but ${now}: somebody else has changed it since.`);
}

function removeStep(nomad: NomadClient, jobId: string, tag: string): string {
  const call = { job_id: jobId, tag, remove: true };
  return toolOrCommand(nomad, ["tag_job_version", call], ["job tag unset", "-name", tag, jobId]);
}

function look(nomad: NomadClient, jobId: string): string {
  return toolOrCommand(nomad, ["list_job_versions", { job_id: jobId }], ["job history", jobId]);
}
