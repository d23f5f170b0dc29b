import type { JobVersion, ScaleStatus } from "../../../endpoints/jobs.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { plural } from "../../../text/words.ts";

type ScalingEvent = NonNullable<NonNullable<NonNullable<ScaleStatus["TaskGroups"]>[string]["Events"]>[number]>;

/** Nomad keeps no version in an event: it is written right after the version that it made, in ms. */
const rightAfter = 5_000;
/** So many events are told of one version. */
const mostEvents = 5;

/**
 * What Nomad keeps of the scaling of a job, by the version that it made or that it found, a line each: who did it stands in
 * the message that came with it (`submitted using the Nomad CLI`), or in the autoscaler's meta. The last 20 of a group.
 */
export function scalingLines(
  { TaskGroups }: ScaleStatus,
  versions: readonly JobVersion[],
  now: number,
): ReadonlyMap<number, readonly string[]> {
  const told = new Map<number, string[]>();
  for (const [group, { Events }] of Object.entries(TaskGroups ?? {}))
    for (const event of Events ?? []) {
      const version = versionAt(event, versions);
      if (version === undefined) continue;
      const line = eventLine(group, event, version, now);
      told.set(version.Version, [...(told.get(version.Version) ?? []), line]);
    }
  return new Map(
    [...told].map(([version, lines]) => {
      const more = lines.length - mostEvents;
      return [version, [...lines.slice(0, mostEvents), ...(more > 0 ? [`${plural(more, "scaling event")} more`] : [])]];
    }),
  );
}

/** The last one submitted before it; one to which Nomad went back by itself has the time of the first of them. */
function versionAt({ Time }: ScalingEvent, versions: readonly JobVersion[]): JobVersion | undefined {
  const before = versions.filter(({ SubmitTime }) => SubmitTime <= Time);
  return before.toSorted((one, other) => other.SubmitTime - one.SubmitTime || one.Version - other.Version)[0];
}

function eventLine(group: string, event: ScalingEvent, { SubmitTime }: JobVersion, now: number): string {
  const at = fromNanoseconds(event.Time) ?? now;
  const made = event.Count !== null && at - (fromNanoseconds(SubmitTime) ?? 0) < rightAfter;
  const what = event.Count === null ? "noted" : `scaled ${event.PreviousCount} -> ${event.Count}`;
  const by = Object.keys(event.Meta ?? {}).some((key) => key.startsWith("nomad_autoscaler"))
    ? " by the autoscaler"
    : "";
  const said = event.Message === "" ? "" : `: ${quotedLine(event.Message, 120)}`;
  return `group ${group} ${what}${by}${made ? "" : ` ${ago(at, now)}`}${event.Error ? ", failed" : ""}${said}`;
}
