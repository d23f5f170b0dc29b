import type { Deployment } from "../../../endpoints/deployments.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { all, plural } from "../../../text/words.ts";
import { decideSteps, isActive, rolledBackTo, statusReason, unpromoted } from "../../deployments/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { afterFailure } from "./cures.ts";
import { countText } from "./job-state.ts";
import type { Decision, View } from "./verdict.ts";
import { heldDeployment } from "./waits.ts";

/** What the deployments say of a job, as far as the allocations do not contradict them. */
export type DeploymentView = { readonly decision: Decision } | { readonly active: boolean };

/**
 * Reads the deployments: a decision where they settle the matter (waiting for promotion, failed, rolled back), else
 * whether one goes on. The latest allocations outrank a deployment that calls itself successful, so that one says nothing.
 */
export function deploymentView(view: View): DeploymentView | undefined {
  const { state, troubles } = view;
  const [newest, before] = state.deployments;
  if (newest === undefined || newest.JobVersion !== state.job.Version) return undefined;
  const present = troubles.some((trouble) => trouble.present);
  if (isActive(newest)) {
    const waits = heldDeployment(newest, view) ?? promotion(newest, view);
    if (waits && !present) return { decision: waits };
    const to = rolledBackTo(before);
    if (to === undefined) return { active: true };
    return decide(
      "rolled back",
      false,
      `version ${before?.JobVersion} failed and version ${to} is being deployed again: ${countText(view)}`,
    );
  }
  const to = rolledBackTo(before);
  if (newest.Status === "successful" && to !== undefined && !present) {
    const when = ago(fromNanoseconds(before?.ModifyTime) ?? state.nomad.now(), state.nomad.now());
    return decide(
      "rolled back",
      true,
      `version ${before?.JobVersion} failed ${when}, version ${to} runs again as version ${newest.JobVersion}: ${countText(view)}`,
      revert(undefined, view),
    );
  }
  if (newest.Status !== "failed") return { active: false };
  const back = rolledBackTo(newest);
  if (back !== undefined)
    return decide("failed", false, `version ${newest.JobVersion} failed, it is being rolled back to version ${back}`);
  if (asWanted(view)) return { active: false };
  const earlier = state.deployments.find((each) => each.Status === "successful" && each.JobVersion < newest.JobVersion);
  const ran = earlier && `version ${earlier.JobVersion} ran before`;
  const when = ago(fromNanoseconds(newest.ModifyTime) ?? state.nomad.now(), state.nomad.now());
  return decide(
    "failed",
    true,
    `the deployment of version ${newest.JobVersion} failed ${when} (${statusReason(newest)}): ${countText(view)}`,
    revert(earlier, view),
    ran,
  );
}

function decide(
  condition: Decision["condition"],
  settled: boolean,
  detail: string,
  next?: readonly string[],
  more?: string,
): DeploymentView {
  return { decision: { condition, settled, detail, more, ...(next && { next }) } };
}

/** A deployment may fail by its deadline although everything came up afterwards. */
function asWanted({ state, groups, troubles }: View): boolean {
  const unfit = state.current.some(
    ({ JobVersion, DeploymentStatus }) => JobVersion !== state.job.Version || DeploymentStatus?.Healthy === false,
  );
  return !unfit && groups.every(({ running, wanted }) => running >= wanted) && !troubles.some(({ present }) => present);
}

function promotion(deployment: Deployment, { state }: View): Decision | undefined {
  const groups = unpromoted(deployment);
  if (groups.length === 0) return undefined;
  const canaries = groups.flatMap(([, group]) => group.PlacedCanaries ?? []);
  const wanted = groups.reduce((total, [, group]) => total + group.DesiredCanaries, 0);
  const healthy = state.current.filter((each) => canaries.includes(each.ID) && each.DeploymentStatus?.Healthy).length;
  if (healthy < wanted || groups.every(([, group]) => group.AutoPromote)) return undefined;
  const old = state.current.filter(
    (each) => each.JobVersion !== deployment.JobVersion && each.ClientStatus === "running",
  );
  const versions = [...new Set(old.map(({ JobVersion }) => `version ${JobVersion}`))].sort();
  const rest =
    old.length > 0
      ? `${plural(old.length, "allocation")} of ${all(versions)} ${old.length === 1 ? "runs" : "run"} on`
      : undefined;
  return {
    condition: "waiting",
    settled: true,
    state: "waiting for promotion",
    detail: `${healthy} of ${plural(wanted, "canary", "canaries")} of version ${deployment.JobVersion} healthy`,
    more: rest,
    next: decideSteps(state.nomad, deployment, "promote"),
  };
}

/** A failed deployment places nothing more by itself: it takes an old version again, or what ends its trouble. */
function revert(earlier: Deployment | undefined, view: View): string[] {
  const { state, placements, causes } = view;
  const [place] = placements.flatMap((placement) => placement.cures);
  const cure = causes.find((each) => each.cure !== undefined)?.cure;
  const unknown = { step: "fix what makes it fail", by: "file" } as const;
  const fix = afterFailure(view, place === undefined ? (cure ?? unknown) : { step: place, by: "file" });
  if (earlier === undefined || cure?.node) return [fix];
  const { ID } = state.job;
  const version = String(earlier.JobVersion);
  const back = toolOrCommand(state.nomad, ["revert_job", { job_id: ID, version }], ["job revert", ID, version]);
  // What came up after all is not given up.
  return causes.some((each) => each.cure?.vague === undefined && each.cure?.by === "file") ? [fix, back] : [back, fix];
}
