import { span } from "../../../text/time.ts";
import { cutName, quotedLine } from "../../../text/untrusted.ts";
import { all, grouped, some } from "../../../text/words.ts";
import type { TypedTask } from "../file/typed-job.ts";
import { type Remark, type TaskView, when } from "./finding.ts";

/** Above it a client cuts a kill_timeout unless it is configured otherwise (max_kill_timeout), ms. */
const longestKill = 30_000;
/** So many times the memory asked for is overbooked beyond what one would expect. */
const muchMore = 4;

/** What is to be said of what a task runs, of its memory and of its templates. */
export function taskRemarks(view: TaskView): Remark[] {
  return [...imageRemarks(view.task), ...resourceRemarks(view), ...templateRemarks(view)];
}

function imageRemarks({ Config, Driver }: TypedTask): Remark[] {
  const image = typeof Config.image === "string" ? Config.image : "";
  if ((Driver !== "docker" && Driver !== "podman") || image === "" || image.includes("${")) return [];
  const shown = cutName(image, 120);
  // What stands behind the last colon is a port where a slash follows it.
  const tag = /@sha256:/.test(image) ? "digest" : /:([^:/]+)$/.exec(image)?.[1];
  const drift = "a restart may run another version, and a revert does not bring the old one back; name a version";
  return [
    ...when(tag === undefined, 2, `image ${shown} has no tag, which means latest: ${drift}`),
    ...when(tag === "latest", 2, `image ${shown}: ${drift}`),
  ];
}

function resourceRemarks({ group, job, task }: TaskView): Remark[] {
  const { KillTimeout = 0, Resources } = task;
  const { CPU, Cores, MemoryMB, MemoryMaxMB } = Resources ?? {};
  const missing = [
    ...(CPU === undefined && !Cores ? ["100 MHz of CPU"] : []),
    ...(MemoryMB === undefined ? ["300 MB of memory"] : []),
  ];
  const memory = MemoryMB ?? 300;
  const kill = KillTimeout / 1e6;
  const serves = job.Type === "service" && [...group.Services, ...task.Services].length > 0;
  return [
    ...when(missing.length > 0, 3, `resources leave out what Nomad then takes as ${all(missing)}: name what it needs`),
    ...when(
      MemoryMaxMB !== undefined && MemoryMaxMB > memory * muchMore,
      3,
      `memory_max ${grouped(MemoryMaxMB ?? 0)} MB is more than ${muchMore} times memory (${grouped(memory)} MB): nodes are filled by the smaller number, and run out when tasks use the larger one`,
    ),
    ...when(
      kill > longestKill,
      3,
      `kill_timeout ${span(kill)}: a client cuts it to its max_kill_timeout, 30s unless configured`,
    ),
    ...when(
      serves &&
        task.Lifecycle === undefined &&
        task.KillTimeout === undefined &&
        task.ShutdownDelay === undefined &&
        group.ShutdownDelay === undefined,
      4,
      "no kill_timeout: it has 5s to end its requests when it is stopped",
    ),
  ];
}

/** What a template reads that changes while the task runs. */
const changing = /\{\{[^}]*\b(service|nomadService|nomadVar|nomadVarList|key|keyOrDefault|ls|tree|secret)\s+["(`$]/;

function templateRemarks({ count, job, task }: TaskView): Remark[] {
  const restarting = task.Templates.filter(
    ({ ChangeMode, EmbeddedTmpl, Once }) =>
      !Once && (ChangeMode === "" || ChangeMode === "restart") && changing.test(EmbeddedTmpl),
  );
  const names = some(
    restarting.map(({ DestPath }) => quotedLine(DestPath, 80)),
    3,
  );
  const splays = restarting.map(({ Splay }) => (Splay === undefined ? 5_000 : Splay / 1e6));
  const together = count > 1 ? `restarts all ${count} within ${span(Math.max(0, ...splays))} (splay)` : "restarts it";
  return when(
    restarting.length > 0 && job.Type === "service",
    3,
    `template ${names}: each change of what it reads ${together}; change_mode "signal" or "noop", or a longer splay, avoids that`,
  );
}
