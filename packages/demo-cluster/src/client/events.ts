import { goDuration } from "../gotime.ts";
import type { TaskEvent } from "../state/types.ts";

/** How many events a task keeps. */
export const KEPT_EVENTS = 10;

/** The fields of the days before `Details`: still sent, mostly empty. */
const DEPRECATED = {
  DiskLimit: 0,
  DownloadError: "",
  DriverError: "",
  DriverMessage: "",
  ExitCode: 0,
  FailedSibling: "",
  FailsTask: false,
  GenericSource: "",
  KillError: "",
  KillReason: "",
  KillTimeout: 0,
  Message: "",
  RestartReason: "",
  SetupError: "",
  Signal: 0,
  StartDelay: 0,
  TaskSignal: "",
  TaskSignalReason: "",
  ValidationError: "",
  VaultError: "",
};

function event(
  time: number,
  type: string,
  display: string,
  details: Record<string, string> = {},
  old: Record<string, unknown> = {},
): TaskEvent {
  return { ...DEPRECATED, ...old, Type: type, Time: time, DisplayMessage: display, Details: details } as TaskEvent;
}

/** The events of a task's life, in Nomad's words. The first argument is when (ns). */
export const events = {
  received: (time: number) => event(time, "Received", "Task received by client"),
  setup: (time: number) =>
    event(
      time,
      "Task Setup",
      "Building Task Directory",
      { message: "Building Task Directory" },
      { Message: "Building Task Directory" },
    ),
  driver: (time: number, message: string) =>
    event(time, "Driver", message, { driver_message: message }, { DriverMessage: message }),
  started: (time: number) => event(time, "Started", "Task started by client"),
  driverFailure: (time: number, error: string) =>
    event(time, "Driver Failure", error, { driver_error: error }, { DriverError: error }),
  downloading: (time: number) => event(time, "Downloading Artifacts", "Client is downloading artifacts"),
  downloadFailed: (time: number, error: string) =>
    event(time, "Failed Artifact Download", error, { download_error: error }, { DownloadError: error }),
  template: (time: number, message: string) => event(time, "Template", message),
  signaling: (time: number, reason: string) => event(time, "Signaling", reason, { task_signal_reason: reason }),
  terminated(time: number, exitCode: number, signal: number, message: string, oomKilled = false) {
    const said = [`Exit Code: ${exitCode}`];
    if (signal !== 0) said.push(`Signal: ${signal}`);
    if (message !== "") said.push(`Exit Message: ${JSON.stringify(message)}`);
    const details: Record<string, string> = {
      exit_code: String(exitCode),
      signal: String(signal),
      oom_killed: String(oomKilled),
    };
    if (message !== "") details.exit_message = message;
    return event(time, "Terminated", said.join(", "), details, {
      ExitCode: exitCode,
      Signal: signal,
      Message: message,
    });
  },
  restarting(time: number, delay: number, reason: string) {
    const when = `Task restarting in ${goDuration(delay)}`;
    const display = reason !== "" && reason !== "Restart within policy" ? `${reason} - ${when}` : when;
    return event(
      time,
      "Restarting",
      display,
      { start_delay: String(delay), restart_reason: reason },
      { StartDelay: delay, RestartReason: reason },
    );
  },
  notRestarting: (time: number, reason: string) =>
    event(
      time,
      "Not Restarting",
      reason,
      { restart_reason: reason, fails_task: "true" },
      { RestartReason: reason, FailsTask: true },
    ),
  restartSignaled: (time: number, reason: string) =>
    event(time, "Restart Signaled", reason, { restart_reason: reason }, { RestartReason: reason }),
  killing: (time: number, timeout: number) =>
    event(
      time,
      "Killing",
      `Sent interrupt. Waiting ${goDuration(timeout)} before force killing`,
      { kill_timeout: goDuration(timeout) },
      { KillTimeout: timeout },
    ),
  killed: (time: number) => event(time, "Killed", "Task successfully killed"),
  siblingFailed: (time: number, sibling: string) =>
    event(
      time,
      "Sibling Task Failed",
      `Task's sibling ${JSON.stringify(sibling)} failed`,
      { failed_sibling: sibling },
      { FailedSibling: sibling },
    ),
  leaderDead: (time: number) => event(time, "Leader Task Dead", "Leader Task in Group dead"),
  mainDead: (time: number) => event(time, "Main Tasks Dead", "Main tasks in the group died"),
  shutdownDelay(time: number, delay: number) {
    const display = `Waiting for shutdown_delay of ${goDuration(delay)} before killing the task.`;
    return event(time, "Waiting for shutdown delay", display);
  },
  unhealthy: (time: number, message: string) =>
    event(time, "Alloc Unhealthy", message, { message }, { Message: message }),
};
