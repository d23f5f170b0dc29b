import type { Job } from "../../../endpoints/job.ts";
import { ago, fromNanoseconds } from "../../../text/time.ts";
import { short } from "../../../text/words.ts";
import { allocationTroubles } from "../../allocations/trouble.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import { isBrokerPaused } from "../../evaluations/broker.ts";
import { explainAll, type Placement } from "../../evaluations/placement/placement.ts";
import { surroundings } from "../../evaluations/placement/surroundings.ts";
import { showStep, toolOrCommand } from "../../shared/next-step.ts";
import { anotherRun } from "../runs.ts";
import { basis } from "./basis.ts";
import type { Cure } from "./cure.ts";
import { restarted } from "./cures.ts";
import { deploymentView } from "./deployed.ts";
import { evidenceFor } from "./evidence.ts";
import { countText, finishes, type GroupState, groupStates, isParent, isSystem, type JobState } from "./job-state.ts";
import { forgotten, isForgotten, stopped } from "./over.ts";
import { judgeParent } from "./parent.ts";
import type { Cause, Condition, Decision, Verdict, View } from "./verdict.ts";
import { neglected, neglectedDecision } from "./waits.ts";

/** Decides what state the job is in, with at most one more round of requests for the evidence (log lines, checks, nodes). */
export async function judge(state: JobState): Promise<Verdict> {
  const { job, nomad } = state;
  const submitted = fromNanoseconds(job.SubmitTime);
  const version = `version ${job.Version}${submitted ? ` submitted ${ago(submitted, nomad.now())}` : ""}`;
  if (job.Stop) return await stopped(state);
  if (isParent(job)) return await judgeParent(state);

  const troubles = allocationTroubles(state);
  const failed = currentPlacementFailures(state);
  const waiting = neglected(state);
  const [seen, evidence, paused] = await Promise.all([
    failed === undefined ? undefined : surroundings(nomad, job, failed),
    evidenceFor(state, troubles),
    waiting === undefined ? undefined : isBrokerPaused(nomad),
  ]);
  const placements = failed === undefined ? [] : explainAll(job, failed, seen);
  const causes: Cause[] = [
    ...placements.map((placement) => ({ sentence: placementSentence(placement, job), evidence: [] })),
    ...evidence,
  ];
  const view: View = { state, groups: groupStates(state), troubles, placements, causes, version };
  const decided =
    waiting !== undefined && (paused || state.current.length === 0)
      ? neglectedDecision(view, waiting, paused)
      : decide(view);
  return { ...decided, causes, next: decided.next ?? nextSteps(view, decided.condition) };
}

function decide(view: View): Decision {
  const { state, groups, troubles, placements, causes, version } = view;
  const { job } = state;
  const counts = countText(view);
  const sum = (count: (group: GroupState) => number) => groups.reduce((total, group) => total + count(group), 0);
  const wanted = sum((group) => group.wanted);
  const running = sum((group) => group.running);
  const starting = sum((group) => group.starting);
  const verdict = (condition: Condition, settled: boolean, text: string): Decision => ({
    condition,
    settled,
    detail: text,
    version,
  });

  const deployed = deploymentView(view);
  if (deployed !== undefined && "decision" in deployed) return deployed.decision;
  if (wanted === 0 && state.current.length === 0 && !isSystem(job)) {
    return { condition: "stopped", settled: true, state: "scaled to 0", detail: "nothing of it should run", version };
  }
  if (isForgotten(state)) return forgotten(view);
  const untaken = state.evaluations.find(({ Status }) => Status === "pending");
  if (state.latest.length === 0 && placements.length === 0 && (untaken || state.evaluations.length === 0)) {
    const note = untaken?.WaitUntil ? "its evaluation is delayed" : "the scheduler has not taken it yet";
    return verdict("pending", false, note);
  }
  if (placements.length > 0) {
    const waiting = placements.reduce((total, placement) => total + placement.waiting, 0);
    return running + starting === 0
      ? verdict("not placed", true, wanted === 0 ? "no node fits it" : counts)
      : verdict("degraded", true, `${counts}${starting > 0 ? `, ${starting} starting` : ""}, ${waiting} not placed`);
  }
  if (finishes(job)) return finished(view, verdict, counts);

  const present = troubles.filter((trouble) => trouble.present);
  const looping = present.filter((trouble) => trouble.repeats && trouble.continues);
  if (looping.length > 0) return verdict("crash looping", true, loopingText(view, looping) ?? counts);
  const active = deployed?.active === true;
  const over = present.filter((trouble) => !trouble.continues);
  if (over.length > 0 && !active) {
    return running === 0 && starting === 0 ? verdict("dead", true, counts) : verdict("degraded", true, counts);
  }
  if (active) return verdict("deploying", false, counts);
  if (present.length > 0) return verdict("waiting", false, counts);
  if (isSystem(job) && wanted === 0) return verdict("not placed", true, "no node fits it");
  if (running >= wanted)
    return causes.length > 0 ? verdict("degraded", true, counts) : verdict("running", true, `${counts}${basis(view)}`);
  if (starting > 0) return verdict("waiting", false, `${counts}, ${starting} starting`);
  return running === 0 ? verdict("dead", true, counts) : verdict("degraded", true, counts);
}

/** "1 of 12, 11 running": between two crashes an allocation calls itself running. Undefined where attempts change places. */
function loopingText({ state, groups }: View, looping: readonly Trouble[]): string | undefined {
  const current = looping.filter(({ allocation }) => state.current.some(({ ID }) => ID === allocation.ID));
  if (current.length < looping.length || isSystem(state.job)) return undefined;
  const sum = (count: (group: GroupState) => number) => groups.reduce((total, group) => total + count(group), 0);
  const running = current.filter(({ allocation: { ClientStatus } }) => ClientStatus === "running").length;
  const more = state.troubledCut ? "at least " : "";
  const rest = sum((group) => group.running) - running;
  return `${more}${current.length} of ${sum((group) => group.wanted)}${rest > 0 && more === "" ? `, ${rest} running` : ""}`;
}

function finished(
  view: View,
  verdict: (condition: Condition, settled: boolean, text: string) => Decision,
  counts: string,
): Decision {
  const { groups, troubles } = view;
  const sum = (count: (group: GroupState) => number) => groups.reduce((total, group) => total + count(group), 0);
  const present = troubles.filter((trouble) => trouble.present);
  if (sum(({ running, starting }) => running + starting) > 0) {
    const looping = present.some((trouble) => trouble.repeats && trouble.continues);
    return looping ? verdict("crash looping", true, counts) : verdict("running", false, counts);
  }
  if (present.some((trouble) => trouble.continues)) return verdict("waiting", false, counts);
  const complete = sum((group) => group.complete);
  return sum(({ down }) => down) > 0 || complete === 0
    ? verdict("failed", true, `${counts}`)
    : verdict(
        "complete",
        true,
        `${complete} of ${Math.max(
          complete,
          sum(({ wanted }) => wanted),
        )} finished`,
      );
}

/**
 * The failed placements that still stand: those of the blocked evaluation; of the newest one for system jobs, which have
 * no blocked one; and, where a failed deployment left groups short, the newest that tells of any (nomad-observed.md §1).
 */
function currentPlacementFailures(state: JobState) {
  const withFailures = state.evaluations.filter(
    ({ FailedTGAllocs: failed }) => failed && Object.keys(failed).length > 0,
  );
  const blocked = withFailures.find(({ Status }) => Status === "blocked");
  if (blocked !== undefined) return blocked.FailedTGAllocs ?? undefined;
  const [newest] = state.evaluations;
  if (isSystem(state.job) && newest === withFailures[0]) return newest?.FailedTGAllocs ?? undefined;
  const short = groupStates(state).filter(
    ({ running, starting, complete, wanted }) => running + starting + complete < wanted,
  );
  if (state.deployments[0]?.Status !== "failed" || short.length === 0) return undefined;
  const failed = Object.entries(withFailures[0]?.FailedTGAllocs ?? {});
  const standing = failed.filter(([name]) => short.some(({ group }) => group.Name === name));
  return standing.length > 0 ? Object.fromEntries(standing) : undefined;
}

function placementSentence({ group, waiting, reasons }: Placement, job: Job): string {
  const several = (job.TaskGroups ?? []).length > 1;
  const whom = `${several ? `group ${group}: ` : ""}${waiting > 1 ? `${waiting} allocations: ` : ""}`;
  return `${whom}${reasons.slice(0, 4).join("; ")}`;
}

/** Only what has been seen to help (nomad-observed.md §4). */
function nextSteps(view: View, condition: Condition): string[] {
  const { state, placements, causes } = view;
  const { nomad, job } = state;
  const logs = causes.find(({ stream }) => stream !== undefined);
  const words = [
    ...(logs?.stream === "stderr" ? ["-stderr"] : []),
    logs?.allocation?.ID.slice(0, 8) ?? "",
    logs?.task ?? "",
  ];
  const look = toolOrCommand(nomad, ["get_job_logs", { job_id: job.ID }], ["alloc logs", ...words]);
  const cures = placements.flatMap((placement) => placement.cures).slice(0, 2);
  const given = again(view, condition);
  const ends = given.length > 0 ? [] : causes.flatMap(({ cure }) => cureStep(view, cure));
  const check = causes.find(({ task, allocation }) => task === undefined && allocation?.ClientStatus === "running");
  const details = check?.allocation === undefined ? [] : [showStep(nomad, "allocation", short(check.allocation.ID))];
  return [...new Set([...cures, ...ends, ...(logs ? [look] : []), ...(logs ? [] : details), ...given])];
}

/** What ends a trouble while Nomad goes on trying; nothing where only the log can tell what that is. */
function cureStep({ state }: View, cure: Cure | undefined): string[] {
  if (cure === undefined || cure.vague) return [];
  const submit = toolOrCommand(state.nomad, ["submit_job_file", {}], ["job run"]);
  if (cure.by === "file") return [`${cure.step} and ${submit}`];
  return [cure.by === "whole" ? cure.step : `${cure.step}; it then goes on by itself`];
}

/** How a job that Nomad has given up is brought back. */
function again({ state, troubles, causes }: View, condition: Condition): string[] {
  if (condition !== "dead" && condition !== "failed" && condition !== "degraded") return [];
  const given = troubles.find((trouble) => trouble.present && !trouble.continues);
  const policy = state.job.TaskGroups?.find(({ Name }) => Name === given?.allocation.TaskGroup)?.ReschedulePolicy;
  if (given === undefined) return [];
  const cure = causes.find((each) => each.cure !== undefined)?.cure;
  if (cure?.by === "whole" || cure?.node) return [];
  if (state.job.ParentID !== "") return [`to run it again: ${anotherRun(state.nomad, state.job)}`];
  // Seen on a real agent: stopped and started, a batch job is placed anew.
  if (finishes(state.job)) return [`to run it again: ${restarted(state)}`];
  if (policy && (policy.Attempts > 0 || policy.Unlimited)) {
    const { nomad, job } = state;
    const force = toolOrCommand(nomad, ["force_evaluate_job", { job_id: job.ID }], ["job eval", job.ID]);
    return [`${force} once it is fixed`];
  }
  const submit = toolOrCommand(state.nomad, ["submit_job_file", {}], ["job run"]);
  return [`${cure?.step ?? "fix what makes it fail"} and ${submit} (unchanged, it would not be started again)`];
}
