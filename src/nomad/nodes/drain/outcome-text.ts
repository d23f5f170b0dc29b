import type { AllocationStub } from "../../../endpoints/allocations.ts";
import type { Node } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { gather } from "../../../text/gather.ts";
import { fromGoTime, span } from "../../../text/time.ts";
import { all, plural, some } from "../../../text/words.ts";
import { jobName } from "../../cluster/problems/problem.ts";
import { ifOffered, showStep, toolCall } from "../../shared/next-step.ts";
import { bringBack } from "../words.ts";
import { groupKey } from "./drained.ts";
import type { DrainProgress, Gone } from "./progress.ts";

/** A drain as it is after it was followed. */
export interface Outcome {
  readonly last: Node;
  readonly progress: DrainProgress;
  /** True where system jobs may stay. */
  readonly keepSystem: boolean;
  /** What following it took, ms. */
  readonly took: number;
}

const mostNamed = 8;
const isBatch = ({ JobType }: AllocationStub) => JobType === "batch" || JobType === "sysbatch";
const isSystem = ({ JobType }: AllocationStub) => JobType === "system";

/** What a drain came to: whether the node is empty, and if not, what is left there and why. */
export function drainedAnswer(nomad: NomadClient, { last, progress, keepSystem, took }: Outcome): Answer {
  const { Name, Drain, LastDrain } = last;
  const left = progress.left.filter((each) => !(keepSystem && isSystem(each)));
  const empty = left.length === 0 && progress.complete && !Drain;
  const data = { node_id: last.ID, name: Name, empty, gone: progress.gone.length, left: left.length };
  const show = `${showStep(nomad, "node", Name)} says how far it is`;
  const again = { node: Name, ...(keepSystem && { ignore_system_jobs: true }) };
  const goOn = ifOffered("drain_node", `${toolCall(nomad.in(nomad.home), "drain_node", again)} waits on`, show);
  const gone = goneLines(nomad, progress);
  if (empty) {
    const stays =
      keepSystem && progress.left.length > 0
        ? `, but for ${plural(progress.left.length, "allocation")} of system jobs`
        : "";
    return {
      headline: `${Name} is drained and empty${stays} after ${span(took)}${counts(progress)}`,
      sections: gone,
      next: [`when its maintenance is over, ${bringBack(nomad, last)}`],
      data,
    };
  }
  if (!Drain && LastDrain?.Status === "canceled") {
    const still = `${plural(left.length, "allocation")} still there`;
    return { headline: `${Name} drains no more: somebody has called that off, with ${still}`, sections: gone, data };
  }
  if (!Drain) {
    return {
      headline: `Nomad calls the drain of ${Name} complete, and it is not empty: ${plural(left.length, "allocation")} still ${left.length === 1 ? "has" : "have"} to end`,
      sections: [`Still there: ${names(nomad, left)}`, ...gone],
      next: [goOn],
      data,
    };
  }
  const deadline = fromGoTime(last.DrainStrategy?.ForceDeadline);
  const ends = deadline === undefined ? "no deadline" : `by force in ${span(deadline - nomad.now())}`;
  return {
    headline: `${Name} still drains after ${span(took)}: ${plural(left.length, "allocation")} left there (${ends})${counts(progress)}`,
    sections: [...leftLines(nomad, left), ...gone],
    next: [goOn, ifOffered("drain_node", "force=true ends the rest at once", ""), bringBack(nomad, last)].filter(
      Boolean,
    ),
    data,
  };
}

/** ": 3 moved and 1 killed for good"; empty where nothing has left. */
function counts({ gone }: Pick<DrainProgress, "gone">): string {
  const batch = gone.filter(isBatch).length;
  const system = gone.filter(isSystem).length;
  const moved = gone.filter((each) => each.NextAllocation !== "" && !isBatch(each) && !isSystem(each)).length;
  const nowhere = gone.length - batch - system - moved;
  const parts = [
    moved > 0 && `${moved} moved`,
    nowhere > 0 && `${nowhere} ended without a new place`,
    batch > 0 && `${batch} killed for good`,
    system > 0 && `${system} of system jobs stopped`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `: ${all(parts)}` : "";
}

/** What a drain has done so far, in lines; none where nothing has left. */
export function soFar(nomad: NomadClient, gone: Gone): string[] {
  return gone.gone.length > 0 ? [`Has left so far${counts(gone)}`, ...goneLines(nomad, gone)] : [];
}

/** What a drain has cost. */
function goneLines(nomad: NomadClient, { gone, blocked, complete }: Gone): string[] {
  const batch = gone.filter(isBatch);
  const open = gone.filter((each) => each.JobType === "service" && each.NextAllocation === "");
  const whys = gather(open, (each) => blocked.get(groupKey(each)) ?? "");
  return [
    ...(batch.length > 0 ? [`Killed, and not run again unless it is submitted anew: ${names(nomad, batch)}`] : []),
    ...[...whys].map(([why, which]) => `No new place yet: ${names(nomad, which)}${why === "" ? "" : `: ${why}`}`),
    ...(complete ? [] : ["More is or was there than was read"]),
  ];
}

/** Why what is left has not gone. */
function leftLines(nomad: NomadClient, left: readonly AllocationStub[]): string[] {
  const why = (each: AllocationStub) => {
    if (each.ClientStatus === "unknown") return "not in contact with its client";
    if (each.DesiredStatus === "stop") return "shuts down";
    if (isBatch(each)) return "may end by itself until the deadline";
    if (isSystem(each)) return "stops last";
    return "waits for its turn: what replaced others of it has to be healthy first, or finds no place";
  };
  return [...gather(left, why)].map(([text, which]) => `Still there: ${names(nomad, which)}: ${text}`);
}

function names(nomad: NomadClient, which: readonly AllocationStub[]): string {
  const jobs = gather(which, ({ JobID, Namespace }) => jobName({ id: JobID, namespace: Namespace }, nomad.home));
  return some(
    [...jobs].map(([name, each]) => (each.length > 1 ? `${name} (${each.length})` : name)),
    mostNamed,
  );
}
