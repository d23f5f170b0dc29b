import type { TypedJob } from "./typed-job.ts";

type Writing = (match: RegExpExecArray, job: TypedJob | undefined) => string;

/**
 * What to write in the place of what Nomad warns of (nomad/structs, Warnings of Job, TaskGroup, Task, WorkloadIdentity).
 * Where Nomad's own words say it, there is no row.
 */
const rows: readonly (readonly [text: RegExp, write: Writing])[] = [
  [
    /^cron is deprecated/,
    (_, job) =>
      `crons = [${JSON.stringify(job?.Periodic?.Spec || "0 3 * * *")}] in place of cron, in the periodic block`,
  ],
  [
    /Update max parallel count is greater than task group count \((\d+) > (\d+)\)/,
    ([, , count = "2"]) => `max_parallel = ${Math.max(1, Number(count) - 1)} in the update block`,
  ],
  [/MaxClientDisconnect is deprecated/, () => 'disconnect { lost_after = "1h" } in place of max_client_disconnect'],
  [
    /StopAfterClientDisconnect is deprecated/,
    () => 'disconnect { stop_on_client_after = "1h" } in place of stop_after_client_disconnect',
  ],
  [
    /PreventRescheduleOnLost is deprecated/,
    () => "disconnect { replace = false } in place of prevent_reschedule_on_lost",
  ],
  [
    /^auto_promote must be true for all groups/,
    () => "auto_promote = true in the update block of each group with canaries",
  ],
  [/neither the group nor any of its tasks have shutdown_delay set/, () => 'shutdown_delay = "5s" in the group'],
  [/has no shutdown_delay set/, () => 'shutdown_delay = "5s" in the task'],
  [
    /task network resources have been deprecated/,
    () => 'network { port "http" {} } in the group, in place of resources { network {} }',
  ],
  [/identities without an audience are insecure/, () => 'aud = ["..."] in the identity block'],
  [/identities without an expiration are insecure/, () => 'ttl = "1h" in the identity block'],
  [/using env=true without change_mode="restart"/, () => 'change_mode = "restart" in the identity block'],
];

/** The line to write where Nomad warns so, as `; write ...`; empty where its own words say it. `job`: the file, where there is one. */
export function lineToWrite(warning: string, job: TypedJob | undefined): string {
  const lines = rows.flatMap(([text, write]) => {
    const match = text.exec(warning);
    return match === null ? [] : [write(match, job)];
  });
  return lines.length === 0 ? "" : `; write ${lines.join(", and ")}`;
}
