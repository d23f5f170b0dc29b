import { cutName } from "../../../text/untrusted.ts";
import { some } from "../../../text/words.ts";
import type { TypedTask } from "../file/typed-job.ts";
import { type GroupView, type Remark, when } from "./finding.ts";

/** What is to be said of a group's restarts, volumes and node. */
export function groupRemarks(view: GroupView): Remark[] {
  return [...retryRemarks(view), ...placeRemarks(view)];
}

/** Nomad's defaults are those of api/tasks.go (defaultBatchJobRestartPolicy, NewDefaultReschedulePolicy). */
function retryRemarks({ group, job }: GroupView): Remark[] {
  const { RestartPolicy, ReschedulePolicy } = group;
  const attempts = ReschedulePolicy?.Attempts ?? job.Reschedule?.Attempts ?? (job.Type === "service" ? 0 : 1);
  const unlimited = ReschedulePolicy?.Unlimited ?? job.Reschedule?.Unlimited ?? job.Type === "service";
  const never = attempts === 0 && !unlimited;
  const told = ReschedulePolicy !== undefined || job.Reschedule !== undefined;
  const ownRestart = group.Tasks.every((task) => task.RestartPolicy !== undefined);
  const silent = RestartPolicy === undefined && !ownRestart;
  return [
    ...when(
      job.Type === "service" && never,
      2,
      "rescheduling is off: what has failed its restarts stays down, and so does what a lost node ran; write unlimited = true in the reschedule block",
    ),
    ...when(
      RestartPolicy?.Mode === "delay" && job.Type !== "system" && job.Type !== "sysbatch",
      3,
      'restart mode "delay" tries for ever on the same node: it never fails, and so is never rescheduled; write mode = "fail"',
    ),
    ...when(
      job.Type === "batch" && silent && !told,
      3,
      "no restart and no reschedule block: a task that fails is run up to 8 times (3 restarts, then all that on another node); set attempts = 0 in both where it must not run twice",
    ),
    ...when(
      job.Type === "batch" && silent && never,
      4,
      "no restart block: a task that fails is restarted 3 times; set attempts = 0 where it must not run twice",
    ),
    ...when(
      job.Type === "sysbatch" && silent,
      4,
      "no restart block: a task that fails is restarted 3 times; set attempts = 0 where it must not run twice",
    ),
  ];
}

function placeRemarks({ count, group, job }: GroupView): Remark[] {
  const host = Object.values(group.Volumes).filter(({ Type }) => Type === "host" || Type === "");
  const names = some(
    host.map(({ Source, Name }) => cutName(Source || Name, 60)),
    3,
  );
  const shared = host.some(({ ReadOnly, PerAlloc }) => !ReadOnly && !PerAlloc) && count > 1;
  const everywhere = job.Type === "system" || job.Type === "sysbatch";
  const conditions = [...job.Constraints, ...group.Constraints, ...group.Tasks.flatMap((task) => task.Constraints)];
  const picky = conditions.some(({ LTarget }) => /arch|kernel|os\.|class|unique/.test(LTarget));
  return [
    ...when(
      host.length > 0 && !everywhere,
      shared ? 3 : 4,
      `host volume ${names}: only nodes that have it will do, and its data do not move with the job${shared ? `; allocations on one node write to it together (count ${count})` : ""}`,
    ),
    ...when(
      group.Tasks.some(runsDownload) && !picky,
      4,
      "it runs what an artifact brings, and no constraint names the architecture or the system it is built for",
    ),
  ];
}

/** A task that runs a program as it is, downloaded: an image knows what it is built for. */
const runsDownload = ({ Artifacts, Driver }: TypedTask) => Artifacts.length > 0 && /^(raw_)?exec2?$/.test(Driver);
