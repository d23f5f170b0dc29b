import type { NomadError } from "./errors.ts";
import { endDrain, seeNamespaces, seeNodes, seePools } from "./looks.ts";
import type { Row } from "./rows-access.ts";

/** What is wrong with what was asked for: how it is written, the state that it is in, that it is not there. */
export const objectRows: readonly Row[] = [
  {
    kind: "bad_argument",
    text: /UUID must be 36 characters|Invalid UUID|must be even length|UUID have 36 characters|UUID should have maximum/,
    tells: "That is not a whole id. Nomad's are 36 characters such as 4f2a9c31-5d0e-4b7a-9c1f-0123456789ab.",
  },
  {
    kind: "bad_argument",
    text: /failed to read filter expression/,
    tells: 'The filter cannot be read. It is written like: Status == "running" and Name matches "^web".',
  },
  {
    kind: "bad_argument",
    text: /error finding value in datum|failed to read result page/,
    tells: "The filter names a field that the objects do not have; names are Nomad's, case counts: JobID, Status.",
  },
  {
    kind: "bad_argument",
    text: /cannot unmarshal/,
    tells:
      "A value has a type that Nomad does not take there. Durations are whole nanoseconds in JSON (30s = 30000000000).",
  },
  { kind: "bad_argument", text: /invalid character .* looking for|unexpected end of JSON/, tells: "That is not JSON." },
  { kind: "bad_argument", text: /Path escapes the alloc directory/, tells: "The path leads out of the allocation." },
  {
    kind: "not_found",
    text: /failed to start command/,
    tells:
      'The task has no such command, or none that may be run: nothing was run. A command is a program and its arguments, each by itself; a line of a shell is ["sh","-c","..."].',
  },
  { kind: "bad_argument", text: /is a directory/, tells: "That is a folder: list it, or name a file in it." },
  {
    kind: "not_found",
    text: /nonexistent namespace/,
    tells: `The namespace does not exist. \`${seeNamespaces}\` shows those that do; \`nomad namespace apply\` makes one.`,
  },
  {
    kind: "not_found",
    text: /nonexistent node pool/,
    tells: `The node pool does not exist. \`${seePools}\` shows those that do.`,
  },
  {
    kind: "not_found",
    text: /Cannot delete nonexistent tokens/,
    tells: "The token is gone: it has been revoked meanwhile, or has expired.",
  },

  // The state that the object is in.
  {
    kind: "conflict",
    text: /Enforcing job modify index.*job already exists/s,
    tells: "There is such a job by now. Look at it before you replace it.",
  },
  {
    kind: "conflict",
    text: /Enforcing job modify index.*job does not exist/s,
    tells: "The job was purged since it was looked at.",
  },
  { kind: "conflict", text: /Enforcing job modify index|Current job has version/ },
  {
    kind: "conflict",
    text: /attempting to modify locked variable/,
    tells: "The variable is locked by another process, which alone may change it.",
  },
  {
    kind: "conflict",
    status: [409],
    text: /^\{/,
    tells: "It changed since it was looked at. Look at it again, then repeat with its new index.",
  },
  {
    kind: "precondition",
    text: /blocked due to active deployment/,
    tells: "A deployment of the job is under way. Wait until it has ended, or promote or fail it; then repeat.",
  },
  { kind: "precondition", text: /terminal deployment/, tells: "The deployment has ended: nothing can be done to it." },
  {
    kind: "precondition",
    text: /healthy allocations/,
    tells: "Its canaries are not healthy yet: promote it once they are, or find out why they are not.",
  },
  {
    kind: "precondition",
    text: /is not a parameterized job/,
    tells: "Only a job with a parameterized block is dispatched.",
  },
  { kind: "precondition", text: /Specified job ".*" is stopped/s, tells: "Start the job first." },
  {
    kind: "precondition",
    text: /Dispatch (did not|request)|Payload (is not provided|provided but|exceeds)/,
    tells: "The job's parameterized block says which meta keys and what payload a dispatch must and may have.",
  },
  {
    kind: "precondition",
    text: /can't evaluate (periodic|parameterized) job/,
    tells: "Such a job only starts others: evaluate one of those, or start one.",
  },
  {
    kind: "precondition",
    text: /can't force (launch|run) non-/,
    tells: "Only a periodic job that is enabled and not stopped is forced.",
  },
  { kind: "precondition", text: /can't revert to current version/, tells: "The job is at that version already." },
  {
    kind: "precondition",
    text: /should not run/,
    tells: "The allocation has ended and cannot be restarted; the job can be evaluated or started anew.",
  },
  {
    kind: "precondition",
    text: /Task not running/,
    tells: "The task has ended; restarting the whole allocation would start it again.",
  },
  {
    kind: "precondition",
    text: /exec not possible|task ".*" is not running/,
    tells: "Commands run only in a task that runs: nothing was run.",
  },
  {
    kind: "unsupported",
    text: /does not support exec|no exec command is configured/,
    tells: "The driver of this task runs no commands.",
  },
  {
    kind: "unsupported",
    text: /websocket connection not found/,
    tells: "Something between this server and Nomad does not pass websockets on, by which commands are run.",
  },
  {
    kind: "precondition",
    text: /while it is draining/,
    tells: ({ request }) =>
      `The node is draining. Repeat this once its drain has ended, or end that with \`${endDrain(request.path)}\`.`,
  },
  {
    kind: "precondition",
    text: /volume .* in use by allocations/,
    tells: "Allocations use the volume: it can be deleted once they have ended.",
  },
  {
    kind: "precondition",
    text: /volume cannot be removed from unknown node/,
    tells: "The volume's node is down or gone, and a volume is deleted by its client.",
  },
  {
    kind: "precondition",
    text: /volume name already exists on this node/,
    tells: "A node has one host volume of a name.",
  },
  {
    kind: "precondition",
    text: /can ?not delete|has non-terminal|already exists on a different version|bootstrap already done|broker is enabled/,
  },
  {
    kind: "unsupported",
    text: /fuzzy search is not enabled/,
    tells: "The servers' configuration switches fuzzy search off (search { fuzzy_enabled = false }).",
  },
  {
    kind: "validation",
    text: /volume validation failed|validating volume .* failed|could not place volume|HostVolume\.Create error/,
    tells: "No volume is made so; correct what it names.",
  },
  { kind: "validation", text: /^(rpc error: )*\d+ errors? occurred/ },
  {
    kind: "validation",
    text: /cannot update (job from type|periodic|parameterized|non-)/,
    tells:
      "A job keeps its type for life, and whether it is periodic or parameterized: stop and purge it first, or give the new one another id.",
  },
  {
    kind: "validation",
    text: /filesystem function disabled/,
    tells: "Nomad's servers read no files: put what file() would read into the job file itself.",
  },
  {
    kind: "validation",
    text: /Failed to parse job/,
    tells: "Correct the job file at the line and column that it names.",
  },

  // What is not there.
  {
    kind: "not_found",
    status: [500],
    text: /Unknown allocation/,
    tells:
      "Nomad says this where the token may not read the allocation, and does not tell that from one that is gone. The token needs read-job in the allocation's namespace.",
  },
  {
    kind: "not_found",
    text: /alloc(ation)? not found|Unknown allocation/,
    tells: "There is no such allocation: Nomad forgets ended ones after a while, and all of a purged job at once.",
  },
  {
    kind: "not_found",
    text: /eval not found/,
    tells: "There is no such evaluation: Nomad forgets ended ones after an hour.",
  },
  {
    kind: "not_found",
    text: /deployment not found/,
    tells: "There is no such deployment: it is forgotten by now, or in a namespace that the token may not read.",
  },
  {
    kind: "not_found",
    text: /node not found/,
    tells: `There is no such node. \`${seeNodes}\` shows those that are.`,
  },
  { kind: "not_found", text: /no such volume/, tells: "There is no such volume in that namespace." },
  { kind: "not_found", text: /job source not found/, tells: "Nomad keeps no source for this version of the job." },
  {
    kind: "not_found",
    text: /not started yet/,
    tells: "The task has not started, so there is no log: its events say what it waits for.",
  },
  {
    kind: "not_found",
    text: /log entry for task/,
    tells: "There is no such log: the task never ran, its driver keeps none, or logs are switched off for it.",
  },
  {
    kind: "not_found",
    text: /unknown task name|Could not find task runner|[Tt]ask not found/,
    tells: "The allocation has no task of that name.",
  },
  { kind: "not_found", text: /no such file or directory/, tells: "The allocation has no such file." },
  { kind: "not_found", text: /at version \d+ not found/, tells: "Nomad keeps no such version of the job." },
  { kind: "not_found", text: /job (".*" )?not found|Unknown job/s, tells: noSuchJob },
  {
    kind: "not_found",
    text: /[Nn]amespace not found/,
    tells: "There is no such namespace, or the token may not see it.",
  },
  { kind: "not_found", text: /not found/ },
];

function noSuchJob({ request: { namespace = "default", since } }: NomadError): string {
  const older = since === undefined ? "" : ` If there is, Nomad is older than ${since}, which brought this route.`;
  return `There is no such job in namespace ${namespace}.${older}`;
}
