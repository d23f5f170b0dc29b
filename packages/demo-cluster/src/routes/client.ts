import { findPlace, type LogStream, readFrom } from "../client/logs.ts";
import type { TaskRunner } from "../client/task-runner.ts";
import { HttpError, notInDemo } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import { parseJson } from "../job/decode.ts";
import type { Allocation } from "../state/types.ts";
import type { World } from "../world.ts";
import { checks } from "./allocations.ts";
import { files } from "./client-files.ts";
import { stats } from "./client-stats.ts";
import { checkUuid, only } from "./lists.ts";

/** How much goes into one frame of a log, and how often a log that is followed is looked at (ms). */
const FRAME = 64 * 1024;
const LOOK = 200;
const HEARTBEAT = 1000;

/** The allocation of a client route, if its client can be asked. */
function clientAlloc({ store }: World, id: string): Allocation {
  checkUuid("alloc", id);
  const alloc = store.allocs.get(id);
  if (!alloc) throw new HttpError(404, `Unknown allocation "${id}"`);
  if (store.nodes.get(alloc.NodeID)?.Status === "down") throw new HttpError(404, "No path to node");
  return alloc;
}

/** /v1/client/allocation/:id/... */
export async function clientAllocation(world: World, call: Call): Promise<Reply> {
  const [, , id = "", action, more] = call.path.split("/");
  if (action === undefined || more !== undefined) throw new HttpError(404, "resource not found");
  const alloc = clientAlloc(world, id);
  if (action === "checks") return checks(world, id);
  if (action === "stats") return stats(world, alloc);
  if (action === "signal") {
    const { Signal = "", Task = "" } = parseJson(call.body) as { Signal?: string; Task?: string };
    world.clients.signal(alloc, Signal, Task);
    return { json: { Index: 0 } };
  }
  if (action === "exec") throw new HttpError(500, "websocket connection not found in context");
  if (action !== "restart") {
    if (["snapshot", "gc", "pause"].includes(action)) throw notInDemo(`${action} of an allocation`);
    throw new HttpError(404, "resource not found");
  }
  const body = call.body === "" ? {} : (parseJson(call.body) as { TaskName?: string; AllTasks?: boolean });
  if (body.TaskName && body.AllTasks) throw new HttpError(500, "task name cannot be set when restarting all tasks");
  const { clock } = world.store;
  const restarting = world.clients.restart(alloc, body.TaskName ?? "", body.AllTasks ?? false);
  clock.wait("query");
  try {
    await restarting;
  } finally {
    clock.resume("query");
  }
  return { json: { Index: 0 } };
}

/** /v1/client/fs/... */
export function clientFs(world: World, call: Call): Reply {
  only(call, "GET");
  const [, , action = "", id = ""] = call.path.split("/");
  if (action === "logs") return logs(world, call, id);
  if (["ls", "stat", "cat", "readat"].includes(action)) {
    const alloc = clientAlloc(world, id);
    return files(alloc, world.clients.runner(alloc.ID), action, call);
  }
  if (action === "stream") throw notInDemo("reading files of an allocation (stream)");
  throw new HttpError(404, "Invalid method");
}

function truth(call: Call, name: string): boolean {
  const text = call.query.get(name);
  if (text === null || text === "") return false;
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  const why = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new HttpError(400, `failed to parse ${name} field to boolean: ${why}`);
}

function logs(world: World, call: Call, id: string): Reply {
  const { query } = call;
  if (id === "") throw new HttpError(400, "must provide a valid alloc id");
  const task = query.get("task") ?? "";
  if (task === "") throw new HttpError(400, "must provide task name");
  const follow = truth(call, "follow");
  const plain = truth(call, "plain");
  const stream = query.get("type");
  if (stream !== "stdout" && stream !== "stderr") throw new HttpError(400, "must provide log type (stdout/stderr)");
  const offsetText = query.get("offset") || "0";
  if (!/^[+-]?\d+$/.test(offsetText))
    throw new HttpError(
      400,
      `error parsing offset: strconv.ParseInt: parsing ${JSON.stringify(offsetText)}: invalid syntax`,
    );
  const origin = query.get("origin") || "start";
  if (origin !== "start" && origin !== "end") throw new HttpError(400, "origin must be start or end");
  const alloc = clientAlloc(world, id);
  const runner = world.clients.runner(alloc.ID)?.tasks.get(task);
  if (!runner) throw new HttpError(400, `unknown task name ${JSON.stringify(task)}`);
  if (runner.state.StartedAt === null)
    throw new HttpError(404, `task ${JSON.stringify(task)} not started yet. No logs available`);
  if (runner.task.LogConfig.Disabled)
    throw new HttpError(
      404,
      `log entry for task ${JSON.stringify(task)} and log type ${JSON.stringify(stream)} not found`,
    );
  return {
    type: plain ? "text/plain" : "application/json",
    following: follow,
    stream: (write, closed) =>
      sendLog(world, { runner, stream, plain, follow, origin, offset: Number(offsetText) }, write, closed),
  };
}

interface Wanted {
  runner: TaskRunner;
  stream: "stdout" | "stderr";
  plain: boolean;
  follow: boolean;
  origin: "start" | "end";
  offset: number;
}

/** Sends what there is, and then what comes; a stream that is followed ends with its client only, as in Nomad. */
async function sendLog(
  { store: { clock } }: World,
  { runner, stream, plain, follow, origin, offset }: Wanted,
  write: (bytes: Buffer | string) => void,
  closed: AbortSignal,
): Promise<void> {
  const log: LogStream = runner.logs[stream];
  let place = findPlace(log, origin, offset);
  let beat = clock.now();
  const send = () => {
    const { parts, next } = readFrom(log, place);
    for (const { number, bytes } of parts) {
      let at = number === place.number ? place.offset : 0;
      for (let from = 0; from < bytes.length; from += FRAME) {
        const data = bytes.subarray(from, from + FRAME);
        at += data.length;
        const File = `alloc/logs/${runner.task.Name}.${stream}.${number}`;
        write(plain ? data : JSON.stringify({ Data: data.toString("base64"), File, Offset: at }));
      }
    }
    place = next;
    if (!plain && clock.now() - beat >= HEARTBEAT) {
      beat = clock.now();
      write("{}");
    }
  };
  send();
  if (!follow) return;
  await new Promise<void>((done) => {
    const look = () => {
      if (closed.aborted) return done();
      send();
      timer = clock.after(LOOK, look);
    };
    let timer = clock.after(LOOK, look);
    closed.addEventListener("abort", () => {
      timer.cancel();
      done();
    });
  });
}
