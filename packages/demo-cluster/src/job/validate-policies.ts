import { goDuration, SECOND } from "../gotime.ts";
import type { Job, ReschedulePolicy, RestartPolicy, UpdateStrategy } from "../state/job-types.ts";
import { nested, quote } from "./validate-parts.ts";

/** What is wrong with a restart policy. */
export function checkRestart({ Mode, Attempts, Interval, Delay }: RestartPolicy): string[] {
  const errors: string[] = [];
  if (Mode !== "fail" && Mode !== "delay") errors.push(`Unsupported restart mode: ${quote(Mode)}`);
  if (Attempts === 0 && Mode !== "fail")
    errors.push(`Restart policy ${quote(Mode)} with ${Attempts} attempts is ambiguous`);
  if (Interval < 5 * SECOND) errors.push(`Interval can not be less than 5s (got ${goDuration(Interval)})`);
  if (Attempts * Delay > Interval)
    errors.push(
      `Nomad can't restart the TaskGroup ${Attempts} times in an interval of ${goDuration(Interval)} with a delay of ${goDuration(Delay)}`,
    );
  return errors;
}

/** What is wrong with a reschedule policy. */
export function checkReschedule(policy: ReschedulePolicy): string[] {
  const { Attempts, Unlimited, Interval, Delay, DelayFunction, MaxDelay } = policy;
  if (Attempts <= 0 && !Unlimited) return [];
  const errors: string[] = [];
  if (Attempts > 0 && Interval <= 0) errors.push("Interval must be a non zero value if Attempts > 0");
  if (Attempts > 0 && Unlimited)
    errors.push(
      `Reschedule Policy with Attempts = ${Attempts}, Interval = ${goDuration(Interval)}, and Unlimited = true is ambiguous`,
      "If Attempts >0, Unlimited cannot also be set to true",
    );
  if (Delay < 5 * SECOND) errors.push(`Delay cannot be less than 5s (got ${goDuration(Delay)})`);
  if (!["constant", "exponential", "fibonacci"].includes(DelayFunction))
    errors.push(
      `Invalid delay function ${quote(DelayFunction)}, must be one of ["constant" "exponential" "fibonacci"]`,
    );
  if (DelayFunction !== "constant") {
    if (MaxDelay < 5 * SECOND) errors.push(`Max Delay cannot be less than 5s (got ${goDuration(Delay)})`);
    if (MaxDelay < Delay)
      errors.push(`Max Delay cannot be less than Delay ${goDuration(Delay)} (got ${goDuration(MaxDelay)})`);
  }
  if (Unlimited) return errors;
  const sound = errors.every((error) => !/elay/.test(error));
  if (Interval < 15 * SECOND) errors.push(`Interval cannot be less than 15s (got ${goDuration(Interval)})`);
  return sound ? [...errors, ...checkAttempts(policy)] : errors;
}

/** Whether so many attempts fit into the interval, and what would. */
function checkAttempts(policy: ReschedulePolicy): string[] {
  const { Attempts, Interval, Delay, DelayFunction, MaxDelay } = policy;
  const { possible, wanted } = viableAttempts(policy);
  if (possible === undefined) return [];
  const ceiling = DelayFunction === "constant" ? "" : `, and delay ceiling ${goDuration(MaxDelay)}`;
  const and = DelayFunction === "constant" ? " and" : ",";
  return [
    `Nomad can only make ${possible} attempts in ${goDuration(Interval)} with initial delay ${goDuration(Delay)}${and} delay function ${quote(DelayFunction)}${ceiling}`,
    `Set the interval to at least ${goDuration(Math.round(wanted / SECOND) * SECOND)} to accommodate ${Attempts} attempts`,
  ];
}

/** How many attempts are possible, if not all are, and how long all of them take. Nomad's arithmetic, as odd as it is. */
function viableAttempts(policy: ReschedulePolicy): { possible: number | undefined; wanted: number } {
  const { Attempts, Interval, Delay, DelayFunction, MaxDelay } = policy;
  if (DelayFunction === "constant") {
    const wanted = Attempts * Delay;
    return { possible: Interval < wanted ? Math.floor(Interval / Delay) : undefined, wanted };
  }
  if (DelayFunction === "exponential") {
    let wanted = 0;
    let possible = 0;
    for (let attempt = 0; attempt < Attempts; attempt++) {
      const delay = 2 ** attempt * Delay;
      wanted = delay > MaxDelay ? wanted + MaxDelay : delay;
      if (wanted < Interval) possible++;
    }
    return { possible: possible < Attempts ? possible : undefined, wanted };
  }
  const slots = [Delay, Delay];
  let reached = false;
  for (let at = 2; at < Attempts; at++) {
    const [before = 0, last = 0] = slots.slice(-2);
    const next = reached ? last + MaxDelay : Math.min(last + before, MaxDelay);
    if (last + before > MaxDelay) reached = true;
    slots.push(next);
  }
  const wanted = slots.at(-1) ?? 0;
  const possible = Math.max(
    0,
    slots.findIndex((slot) => slot > Interval),
  );
  return { possible: Interval < wanted ? possible : undefined, wanted };
}

/** What is wrong with an update strategy. */
export function checkUpdate(update: UpdateStrategy): string[] {
  const errors: string[] = [];
  const { HealthCheck, MaxParallel, MinHealthyTime, HealthyDeadline, ProgressDeadline, Stagger } = update;
  if (!["checks", "task_states", "manual"].includes(HealthCheck))
    errors.push(`Invalid health check given: ${quote(HealthCheck)}`);
  if (MaxParallel < 0) errors.push(`Max parallel can not be less than zero: ${MaxParallel} < 0`);
  if (update.Canary === 0 && update.AutoPromote) errors.push("Auto Promote requires a Canary count greater than zero");
  if (MinHealthyTime < 0) errors.push(`Minimum healthy time may not be less than zero: ${goDuration(MinHealthyTime)}`);
  if (HealthyDeadline <= 0) errors.push(`Healthy deadline must be greater than zero: ${goDuration(HealthyDeadline)}`);
  if (ProgressDeadline < 0) errors.push(`Progress deadline must be zero or greater: ${goDuration(ProgressDeadline)}`);
  const pair = (a: number, b: number) => `${goDuration(a)} > ${goDuration(b)}`;
  if (MinHealthyTime >= HealthyDeadline)
    errors.push(`Minimum healthy time must be less than healthy deadline: ${pair(MinHealthyTime, HealthyDeadline)}`);
  if (ProgressDeadline !== 0 && HealthyDeadline >= ProgressDeadline)
    errors.push(`Healthy deadline must be less than progress deadline: ${pair(HealthyDeadline, ProgressDeadline)}`);
  if (Stagger <= 0) errors.push(`Stagger must be greater than zero: ${goDuration(Stagger)}`);
  return errors;
}

/** What is wrong with when a job is launched. */
export function checkPeriodic(job: Job, cronError: (spec: string) => string | undefined): string[] {
  const { Periodic: periodic } = job;
  if (!periodic?.Enabled) return [];
  const errors: string[] = [];
  if (job.Type !== "batch" && job.Type !== "sysbatch")
    errors.push('Periodic can only be used with "batch" or "sysbatch" scheduler');
  const inner: string[] = [];
  if (periodic.Spec !== "" && periodic.Specs.length > 0) inner.push("Only cron or crons may be used");
  if (periodic.Spec === "" && periodic.Specs.length === 0) inner.push("Must specify a spec");
  for (const spec of [periodic.Spec, ...periodic.Specs].filter((text) => text !== "")) {
    const why = cronError(spec);
    if (why !== undefined) inner.push(`Invalid cron spec ${quote(spec)}: ${why}`);
  }
  return [...errors, ...nested("", inner)];
}

/** What is wrong with how a job is dispatched. */
export function checkParameterized(job: Job): string[] {
  if (!job.ParameterizedJob) return [];
  const errors: string[] = [];
  if (job.Type !== "batch" && job.Type !== "sysbatch")
    errors.push('Parameterized job can only be used with "batch" or "sysbatch" scheduler');
  const payload = String(job.ParameterizedJob.Payload);
  const known = ["optional", "required", "forbidden"].includes(payload);
  return [...errors, ...nested("", known ? [] : [`Unknown payload requirement: ${quote(payload)}`])];
}
