import { setImmediate } from "node:timers/promises";
import { type Outcome, runCommand, StartError } from "../client/commands.ts";
import type { TaskRunner } from "../client/task-runner.ts";
import { HttpError, serverError, uuidError } from "../errors.ts";
import type { Call } from "../http.ts";
import { isClientTerminal } from "../state/job-status.ts";
import { jobKey } from "../state/store.ts";
import type { Allocation } from "../state/types.ts";
import type { Converse, Line } from "../websockets.ts";
import type { World } from "../world.ts";

/** Nomad's frames hold so much, in bytes. */
const FRAME = 4096;

/** What a websocket asks for, by its path. */
export function conversations(world: World): Converse {
  return (call, line) => {
    if ((call.query.get("region") || "global") !== "global") throw serverError("No path to region");
    const [, exec] = /^\/v1\/client\/allocation\/([^/]*)\/exec$/.exec(call.path) ?? [];
    if (exec !== undefined) return execIn(world, call, line, exec);
    const [, job] = /^\/v1\/job\/(.+)\/action$/s.exec(call.path) ?? [];
    if (job !== undefined) return runAction(world, call, line, job);
    throw new HttpError(404, "");
  };
}

function execIn(world: World, call: Call, line: Line, id: string): ReturnType<Converse> {
  let command: unknown;
  try {
    command = JSON.parse(call.query.get("command") ?? "");
  } catch (error) {
    throw serverError(`failed to marshal command into json: ${error instanceof Error ? error.message : error}`);
  }
  const words = Array.isArray(command) ? command.map(String) : [];
  const alloc = allocWith(world, id);
  const task = call.query.get("task") ?? "";
  if (task === "") throw new HttpError(400, "must provide task name");
  if (words.length === 0) throw new HttpError(400, "command is not present");
  return start(world, call, line, alloc, task, words);
}

function runAction(world: World, call: Call, line: Line, job: string): ReturnType<Converse> {
  const asked = (name: string) => call.query.get(name) ?? "";
  const id = asked("allocID");
  if (id === "") throw new HttpError(400, "missing AllocID");
  if (!world.store.jobs.has(jobKey(call.namespace, job)))
    throw new HttpError(404, `job ${job} not found in namespace ${call.namespace}`);
  const alloc = allocWith(world, id);
  const task = asked("task");
  if (task === "") throw new HttpError(400, "must provide task name");
  if (alloc.JobID !== job) throw new HttpError(400, `job ${job} does not have allocation ${id}`);
  const known = world.clients.runner(id)?.tasks.get(task);
  if (known === undefined) throw new HttpError(400, `task ${task} not found in allocation ${id}`);
  const name = asked("action");
  const action = (known.task.Actions ?? []).find(({ Name }) => Name === name);
  if (action === undefined) throw new HttpError(400, `action ${name} not found in task ${task}`);
  return start(world, call, line, alloc, task, [action.Command, ...(action.Args ?? [])]);
}

/** The allocation, if a command can run in it. */
function allocWith({ store }: World, id: string): Allocation {
  const wrong = uuidError("alloc", id);
  if (wrong) throw wrong;
  const alloc = store.allocs.get(id);
  if (!alloc) throw new HttpError(404, `Unknown allocation "${id}"`);
  if (isClientTerminal(alloc))
    throw new HttpError(400, `exec not possible, client status of allocation ${id} is ${alloc.ClientStatus}`);
  if (store.nodes.get(alloc.NodeID)?.Status === "down") throw new HttpError(404, "No path to node");
  return alloc;
}

function start(
  world: World,
  { closed }: Call,
  line: Line,
  alloc: Allocation,
  name: string,
  words: string[],
): ReturnType<Converse> {
  const { clock } = world.store;
  const runner = world.clients.runner(alloc.ID);
  const task = runner?.tasks.get(name);
  if (!runner || !task) throw serverError("task not found");
  requireRunning(name, task);
  const run = (input: Buffer | undefined): Outcome | undefined => {
    try {
      return runCommand(alloc, runner, task, words, input);
    } catch (error) {
      throw error instanceof StartError ? serverError(error.message) : error;
    }
  };
  const input: Buffer[] = [];
  let outcome = run(undefined);
  if (outcome) void speak(line, outcome, closed);

  /** The end of a command is told only once its input has ended. */
  const end = ({ code, runMs }: Outcome) => {
    if (runMs === undefined) return clock.leave();
    clock.wait("query");
    const timer = clock.after(runMs, () => {
      closed.removeEventListener("abort", gone);
      clock.resume("query");
      void finish(line, code).finally(() => clock.leave());
    });
    const gone = () => {
      timer.cancel();
      clock.resume("query");
      clock.leave();
    };
    closed.addEventListener("abort", gone);
  };
  return ({ stdin }) => {
    if (typeof stdin !== "object" || stdin === null) return;
    const { data = "", close = false } = stdin as { data?: string; close?: boolean };
    input.push(Buffer.from(data, "base64"));
    if (!close) return;
    clock.enter();
    if (outcome) return end(outcome);
    outcome = run(Buffer.concat(input));
    if (outcome) void speak(line, outcome, closed);
    if (outcome) end(outcome);
    else clock.leave();
  };
}

function requireRunning(name: string, { state }: TaskRunner): void {
  if (state.StartedAt === null) throw new HttpError(404, `task ${JSON.stringify(name)} not started yet.`);
  if (state.State !== "running") throw new HttpError(404, `task ${JSON.stringify(name)} is not running.`);
}

async function speak(line: Line, { stdout, stderr, forever }: Outcome, closed: AbortSignal): Promise<void> {
  for (const [stream, bytes] of [["stdout", stdout] as const, ["stderr", stderr] as const])
    for (let from = 0; from < bytes.length; from += FRAME)
      void line.say({ [stream]: { data: bytes.subarray(from, from + FRAME).toString("base64") } });
  const part = forever && Buffer.from(forever.repeat(FRAME / forever.length)).toString("base64");
  while (part && !closed.aborted) {
    await line.say({ stdout: { data: part } });
    // What is written at once lets nobody else have a turn.
    await setImmediate();
  }
}

async function finish(line: Line, code: number): Promise<void> {
  void line.say({ stderr: { close: true } });
  void line.say({ stdout: { close: true } });
  await line.say({ exited: true, result: code === 0 ? {} : { exit_code: code } });
  line.hangUp();
}
