import { NomadError } from "../../../api/errors/errors.ts";
import type { AllocationStub } from "../../../endpoints/allocations.ts";
import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Service, Task } from "../../../endpoints/job.ts";
import { fromNanoseconds } from "../../../text/time.ts";
import { beginning, clean, quoted } from "../../../text/untrusted.ts";
import { plural, some } from "../../../text/words.ts";
import { type LoggedLines, type Tail, tail } from "../../allocations/logs/logs.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import { isMarked } from "../../allocations/whole-allocation.ts";
import { called } from "../../allocations/words.ts";
import { rolledBackTo } from "../../deployments/words.ts";
import { failingChecksOf } from "../../services/failing-checks.ts";
import { cureOf } from "./cures.ts";
import { type JobState, withTasks } from "./job-state.ts";
import type { Cause } from "./verdict.ts";

/** So many different troubles are told of, each with so many lines of its log. */
const mostTroubles = 2;
const logLines = 3;
/** Of so many allocations the client is asked for the results of their checks. */
export const mostChecked = 5;
/** What a line of a log says beyond this, in characters, is left to the log. */
const longestLine = 300;

/** The reasons that allocations give, each once, with the lines of the log that tell why: one round of requests. */
export async function evidenceFor(state: JobState, troubles: readonly Trouble[]): Promise<Cause[]> {
  const distinct = telling(state, troubles);
  const [causes, checks] = await Promise.all([
    Promise.all(distinct.slice(0, mostTroubles).map(({ trouble, alike }) => cause(state, trouble, alike))),
    failingChecks(state),
  ]);
  // A failing check says why an allocation was not healthy in time.
  const checked = checks.map(({ allocation }) => allocation?.ID);
  const unsaid = causes.filter(({ task, allocation }) => task !== undefined || !checked.includes(allocation?.ID));
  return [...checks, ...unsaid, ...untold(distinct.slice(mostTroubles))];
}

/** That there are more causes than are told, and where: "and 2 more: queue, cron". */
function untold(rest: readonly Kind[]): Cause[] {
  if (rest.length === 0) return [];
  const names = [...new Set(rest.map(({ trouble: { allocation } }) => allocation.TaskGroup))];
  return [{ sentence: `and ${rest.length} more: ${some(names, 5)}`, evidence: [] }];
}

/** Troubles that say the same of a task or group, told by the one that matters most. */
interface Kind {
  readonly trouble: Trouble;
  alike: number;
}

/** One of each kind: present ones, and those of the version that a deployment failed with. */
function telling(state: JobState, troubles: readonly Trouble[]): Kind[] {
  const [newest, before] = state.deployments;
  const failed = rolledBackTo(before) !== undefined ? before : newest?.Status === "failed" ? newest : undefined;
  const kinds = new Map<string, Kind>();
  for (const trouble of troubles) {
    if (!trouble.present && !isOf(trouble, failed)) continue;
    const kind = `${trouble.allocation.TaskGroup}/${trouble.task}/${trouble.what.replaceAll(/\d+/g, "")}`;
    const known = kinds.get(kind);
    if (known) known.alike++;
    else kinds.set(kind, { trouble, alike: 1 });
  }
  return [...kinds.values()];
}

/** True of what may be why the deployment failed: what happened later is not. */
function isOf({ allocation, at }: Trouble, failed: Deployment | undefined): boolean {
  if (failed === undefined || allocation.JobVersion !== failed.JobVersion) return false;
  return at === undefined || at <= (fromNanoseconds(failed.ModifyTime) ?? at);
}

async function cause(state: JobState, trouble: Trouble, alike: number): Promise<Cause> {
  const { allocation, task, what, times, outlook } = trouble;
  const failed = state.summary?.Summary?.[allocation.TaskGroup]?.Failed ?? 0;
  // A stop is a version of its own.
  const old =
    allocation.JobVersion === state.job.Version || state.job.Stop ? "" : ` of version ${allocation.JobVersion}`;
  // One number, of the allocations where these are replaced, else of the failures in this one.
  const replaced = trouble.repeats && failed > 1;
  const often = times === undefined || replaced ? "" : `, ${times}`;
  const parts = [
    // A task is named behind a colon, the allocation itself is the subject.
    `${called(allocation)}${old}${task === undefined ? "" : ":"} ${what}${often}`,
    alike > 1 ? `${plural(alike - 1, "other")} alike` : undefined,
    state.troubledCut ? `${unread(state)} not looked at` : undefined,
    replaced ? `${plural(failed, "allocation")} of the group failed since it was registered` : undefined,
    outlook,
  ];
  const logged = trouble.logged && task !== undefined ? await lastLines(state, allocation, task) : { evidence: [] };
  const cure = cureOf(trouble, state);
  return {
    sentence: parts.filter(Boolean).join("; "),
    ...logged,
    cure,
    allocation,
    ...(task !== undefined && { task }),
  };
}

/** How many of those that should run were not read with their tasks. */
function unread(state: JobState): string {
  const read = withTasks(state).map(({ ID }) => ID);
  const rest = state.current.filter(({ ID }) => !read.includes(ID)).length;
  return state.currentCut ? `more than ${rest}` : `${rest}`;
}

/** The last lines of stderr, or of stdout where stderr is empty; or why there are none. */
export async function lastLines(
  state: JobState,
  allocation: AllocationStub,
  task: string,
): Promise<Pick<Cause, "evidence" | "stream">> {
  const read = (stream: "stderr" | "stdout") => tail(state.nomad, allocation.ID, task, stream, { lines: logLines });
  try {
    const [stderr, stdout] = await Promise.all([read("stderr"), read("stdout")]);
    for (const [stream, found] of [["stderr", stderr] as const, ["stdout", stdout] as const]) {
      if (found.kind !== "lines") continue;
      const said = once(found.lines).map((line) => quoted(beginning(clean(line), longestLine)));
      return { evidence: [`last of its ${stream} (output of the workload):`, ...said], stream };
    }
    return { evidence: [stderr.kind === "lines" ? "(it logged nothing)" : silence(stderr, state, allocation, task)] };
  } catch (error) {
    if (!(error instanceof NomadError) || error.kind === "cancelled") throw error;
    return {
      evidence: [error.kind === "forbidden" ? "(its log: the token lacks read-logs)" : "(its log cannot be read now)"],
    };
  }
}

/** Why there is nothing of a log to show. */
function silence(
  found: Exclude<Tail, LoggedLines>,
  { job }: JobState,
  allocation: AllocationStub,
  task: string,
): string {
  if (found.kind === "unreachable") return `(its log is out of reach: ${found.why})`;
  if (found.why === "empty") return "(it logged nothing)";
  if (found.why === "not started") return "(it was never started, so it logged nothing)";
  const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  const off = group?.Tasks?.find(({ Name }) => Name === task)?.LogConfig?.Disabled === true;
  return off
    ? "(its output is not kept: logs { disabled = true } in its task)"
    : "(its output is not kept: its driver collects none)";
}

/** A crash loop writes the same line again and again: once tells as much. */
const once = (lines: readonly string[]) => lines.filter((line, index) => line !== lines[index - 1]);

/** Nomad's own checks that fail; those in Consul are not visible to Nomad, which is said where health is in doubt. */
async function failingChecks(state: JobState): Promise<Cause[]> {
  const services = (state.job.TaskGroups ?? []).flatMap((group) => [
    ...(group.Services ?? []),
    ...(group.Tasks ?? []).flatMap((task: Task) => task.Services ?? []),
  ]);
  const checked = services.filter(({ Checks }) => (Checks?.length ?? 0) > 0);
  const running = state.current.filter(({ ClientStatus }) => ClientStatus === "running");
  const doubtful = running.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy !== true);
  if (!checked.some(({ Provider }) => Provider === "nomad")) {
    const unhealthy = doubtful.find((each) => each.DeploymentStatus?.Healthy === false && !isMarked(each, state));
    if (checked.length === 0 || unhealthy === undefined) return [];
    const sentence = `${called(unhealthy)}: runs but is not healthy; its checks are in Consul and not visible here`;
    return [{ sentence, evidence: [], allocation: unhealthy }];
  }
  const asked = [...doubtful, ...running.filter((each) => !doubtful.includes(each))].slice(0, mostChecked);
  const found = await Promise.all(asked.map(async (allocation) => await checksOf(state, allocation, checked)));
  const kinds = new Map(found.flat().map((each) => [each.kind, each.cause]));
  return [...kinds.values()].slice(0, mostTroubles);
}

async function checksOf(
  { nomad }: JobState,
  allocation: AllocationStub,
  known: readonly Service[],
): Promise<{ kind: string; cause: Cause }[]> {
  try {
    const failing = await failingChecksOf(nomad, allocation, known);
    return failing.map(({ check, service, sentence, at }) => ({
      kind: `${service}/${check}`,
      cause: {
        sentence: `${called(allocation)}: ${sentence}`,
        evidence: [],
        cure: {
          step: `make check ${check} of service ${service} pass${at ? ` (it asks ${at})` : ""}`,
          by: "push" as const,
        },
        allocation,
      },
    }));
  } catch (error) {
    // The node may be away or the server too old; the verdict stands without.
    if (!(error instanceof NomadError) || error.kind === "cancelled") throw error;
    return [];
  }
}
