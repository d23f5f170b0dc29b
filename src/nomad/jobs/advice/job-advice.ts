import type { TypedJob } from "../file/typed-job.ts";
import { type Remark, when } from "./finding.ts";

/** What is to be said of a job as a whole. */
export function jobRemarks({ Periodic, Priority, TaskGroups }: TypedJob): Remark[] {
  const schedules = [...(Periodic?.Specs ?? []), ...(Periodic?.Spec ? [Periodic.Spec] : [])];
  const fixedHour = schedules.some((cron) => /^\S+\s+\d/.test(cron));
  return [
    ...when(
      Periodic?.Enabled === false,
      2,
      "periodic is not enabled: no run ever starts by itself; write enabled = true",
    ),
    ...when(
      Periodic !== undefined && !Periodic.ProhibitOverlap,
      3,
      "prohibit_overlap is off: a run that takes longer than the interval gets the next one beside it; write prohibit_overlap = true",
    ),
    ...when(
      Periodic !== undefined && fixedHour && Periodic.TimeZone === "",
      4,
      'time_zone is not set: the hours of the schedule are UTC; write time_zone = "Europe/Berlin" or the like',
    ),
    ...when(
      Priority >= 90,
      4,
      `priority ${Priority}: when room is short it goes before nearly everything, and where preemption is on it evicts what is 10 or more below`,
    ),
    ...when(
      TaskGroups.length > 0 && TaskGroups.every(({ Count }) => Count === 0),
      3,
      "every count is 0: the job starts nothing",
    ),
  ];
}
