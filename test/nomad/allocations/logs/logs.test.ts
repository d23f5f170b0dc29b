import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Allocation, TaskState } from "../../../../src/endpoints/allocations.ts";
import { followTask } from "../../../../src/nomad/allocations/logs/follow-log.ts";
import { noLog, rotatedAway, tail } from "../../../../src/nomad/allocations/logs/logs.ts";
import badTask from "../../../recorded/allocation/log-bad-task.json" with { type: "json" };
import neverStarted from "../../../recorded/start-error/log-stderr.json" with { type: "json" };
import { type LogServer, logServer } from "../../../support/log-server.ts";

const id = "9330ddf8-3302-6f90-b303-a9706b45023a";
let log: LogServer;

beforeEach(async () => {
  log = await logServer();
});
afterEach(async () => await log.close());

const numbered = (count: number, text = "line") =>
  Array.from({ length: count }, (_, n) => `${text} ${n + 1}\n`).join("");
const ofLines = async (lines: number, contains?: string) =>
  await tail(log.nomad, id, "t", "stdout", { lines, ...(contains !== undefined && { contains: sought(contains) }) });

const sought = (text: string) => ({ text, mask: (line: string) => line.replaceAll("s3cr3t", "[masked]") });

describe("the end of a log", () => {
  test("the last lines, in one request for few of them", async () => {
    log.put("stdout", numbered(100_000));
    expect(await ofLines(3)).toMatchObject({
      lines: ["line 99998", "line 99999", "line 100000"],
      cut: true,
      reachedOldest: false,
    });
    expect(log.offsets).toHaveLength(1);
  });

  test("all of a short one, which is then known to be all", async () => {
    log.put("stdout", "one\ntwo");
    expect(await ofLines(100)).toMatchObject({
      lines: ["one", "two"],
      cut: false,
      reachedOldest: true,
      beheaded: false,
    });
  });

  test("a log of exactly the size that is read is whole", async () => {
    log.put("stdout", `${"x".repeat(16 * 1024 - 1)}\n`);
    expect(await ofLines(1)).toMatchObject({ reachedOldest: true, cut: false, beheaded: false });
  });

  test("reaches further for long lines, and no further than a MiB", async () => {
    log.put("stdout", numbered(3000, "y".repeat(1000)));
    const found = await ofLines(100);
    expect(found).toMatchObject({ kind: "lines", cut: true, beheaded: false });
    expect(found.kind === "lines" && found.lines).toHaveLength(100);
    expect(Math.max(...log.offsets)).toBeLessThanOrEqual(1024 * 1024 + 1);
    expect(log.offsets).toHaveLength(2);
  });

  test("a line longer than what is read lacks its beginning and no part of a character", async () => {
    log.put("stdout", `${"日 ".repeat(400_000)}`);
    const found = await ofLines(2);
    expect(found).toMatchObject({ beheaded: true, cut: true, reachedOldest: false });
    expect(found.kind === "lines" && /^(日 )+$/.test(found.lines[0] ?? "")).toBe(true);
  });

  test("the word in which a line without its beginning begins is left out: it may be the end of a secret", async () => {
    log.put("stdout", `${"x".repeat(2 * 1024 * 1024)}hunter2;rest of it`);
    expect(await ofLines(2)).toMatchObject({ lines: ["rest of it"], beheaded: true });
    log.put("stdout", "x".repeat(2 * 1024 * 1024));
    expect(await ofLines(2)).toMatchObject({ lines: ["(the end of one word)"], beheaded: true });
  });

  test("a character that is being written is left out", async () => {
    log.put("stdout", Buffer.concat([Buffer.from("größe "), Buffer.from("日").subarray(0, 2)]));
    expect(await ofLines(2)).toMatchObject({ lines: ["größe "] });
  });

  test("a progress bar counts as the line that it leaves", async () => {
    log.put("stdout", "10%\r50%\r100%\r\ndone\r\n");
    expect(await ofLines(5)).toMatchObject({ lines: ["100%", "done"] });
  });

  test("lines that have a text, whatever its case and through colours", async () => {
    log.put("stdout", `${numbered(50_000)}\u001b[31mERR\u001b[0mor: first\nfine\nerror: second\n${numbered(10)}`);
    expect(await ofLines(1, "Error")).toMatchObject({ lines: ["error: second"], matching: 2, cut: true });
    expect(log.offsets).toEqual([1024 * 1024 + 1]);
  });

  test("looks back a MiB for a text and says so", async () => {
    log.put("stdout", `needle\n${numbered(200_000)}`);
    expect(await ofLines(5, "needle")).toMatchObject({
      lines: [],
      matching: 0,
      looked: 1024 * 1024,
      reachedOldest: false,
    });
  });
});

describe("no log", () => {
  test.each([
    ["of a task that never started", neverStarted, { kind: "nothing", why: "not started" }],
    ["of a task that its node does not know", badTask, { kind: "nothing", why: "not started" }],
  ])("%s", async (_, { status, body }, expected) => {
    log.put("stdout", { status, text: body });
    expect(await ofLines(3)).toEqual(expected);
  });

  test.each([
    [404, `log entry for task "t" and log type "stdout" not found`, { kind: "nothing", why: "not kept" }],
    [404, "rpc error: No path to node", { kind: "unreachable", why: "node gone" }],
    [400, `Unknown node "b4cf8e5f-73b2-0014-8822-3538461c5c6c"`, { kind: "unreachable", why: "node gone" }],
    [404, `state for allocation ${id} not found on client`, { kind: "unreachable", why: "cleaned up" }],
    [404, `Unknown allocation "${id}"`, { kind: "unreachable", why: "cleaned up" }],
  ])("%i %s", async (status, text, expected) => {
    log.put("stdout", { status, text });
    expect(await ofLines(3)).toEqual(expected);
  });

  test("what is about the token is an error", async () => {
    log.put("stdout", { status: 500, text: "Permission denied" });
    await expect(ofLines(3)).rejects.toMatchObject({ kind: "forbidden" });
    expect(noLog(new Error("other"))).toBeUndefined();
  });

  test("empty", async () => {
    expect(await ofLines(3)).toEqual({ kind: "nothing", why: "empty" });
  });
});

test("output was rotated away where the lowest file number is above 0", async () => {
  log.files = [".t.stdout.fifo", "t.stdout.4", "t.stdout.5", "t.stderr.0", "t.stderr.1", "t2.stderr.3"];
  expect(await rotatedAway(log.nomad, id, "t")).toEqual(["stdout"]);
});

test("whether it was rotated is unknown to a token that may only read logs", async () => {
  log.files = { status: 403, text: "Permission denied" };
  expect(await rotatedAway(log.nomad, id, "t")).toEqual([]);
});

describe("following", () => {
  const never: TaskState = {
    ...{ State: "pending", Failed: false, Restarts: 0, LastRestart: null },
    ...{ StartedAt: null, FinishedAt: null, Events: [] },
  };
  const running: TaskState = { ...never, State: "running", StartedAt: "2026-11-20T21:08:00Z" };

  /** The allocation with its task in this state. */
  function withTask(state: TaskState, ModifyIndex: number): Allocation {
    const stub: Partial<Allocation> = { ID: id, ClientStatus: "running", ModifyIndex, TaskStates: { t: state } };
    return stub as Allocation;
  }

  /** Follows the task, which is in this state when the following begins. */
  async function follow(state: TaskState, more: Partial<Parameters<typeof followTask>[2]> = {}) {
    const first = withTask(state, 10);
    log.become(first);
    const signal = new AbortController().signal;
    return await followTask(log.nomad, first, {
      task: "t",
      streams: ["stdout"],
      seconds: 30,
      lines: 10,
      signal,
      ...more,
    });
  }

  const end = (ModifyIndex = 11) => log.become(withTask({ ...running, State: "dead" }, ModifyIndex));

  test("gives what is written from now on, and ends with the task", async () => {
    log.put("stdout", `${numbered(5000, "old")}beg`);
    const following = follow(running);
    await log.followedBy(1);
    log.write("stdout", "un before\nnew\nlast");
    end();
    const { streams, ended } = await following;
    expect(ended).toBe("task ended");
    const lines = ["begun before", "new", "last"];
    expect(streams.get("stdout")).toEqual({ kind: "new", lines, count: 3, overflowed: false });
    await log.followedBy(0);
  });

  test("waits for the task to start, and gives its first lines", async () => {
    const following = follow(never, { contains: sought("ONE") });
    log.write("stdout", "line one\nline two\n");
    log.become(withTask(running, 11));
    await log.followedBy(1);
    end(12);
    expect((await following).streams.get("stdout")).toMatchObject({ lines: ["line one"], count: 1 });
  });

  test("says that the task has not started where it does not", async () => {
    const { streams, ended } = await follow(never, { seconds: 0.1 });
    expect([streams.get("stdout"), ended]).toEqual([{ kind: "nothing", why: "not started" }, "time"]);
  });

  test("ends with the time; that nothing came is what it says then", async () => {
    log.put("stdout", "old\n");
    const { streams, ended } = await follow(running, { seconds: 0.2 });
    expect([streams.get("stdout"), ended]).toEqual([{ kind: "new", lines: [], count: 0, overflowed: false }, "time"]);
  });

  test("says that the connection broke", async () => {
    const following = follow(running);
    await log.followedBy(1);
    log.breakOff();
    expect((await following).ended).toBe("connection lost");
  });

  test("a cancelled call ends it", async () => {
    const call = new AbortController();
    const following = follow(running, { signal: call.signal });
    await log.followedBy(1);
    call.abort();
    expect((await following).lasted).toBeLessThan(5_000);
    await log.followedBy(0);
  });

  test("a log that is not kept is not waited for", async () => {
    log.put("stdout", { status: 404, text: 'log entry for task "t" and log type "stdout" not found' });
    const { streams, lasted } = await follow(running);
    expect(streams.get("stdout")).toEqual({ kind: "nothing", why: "not kept" });
    expect(lasted).toBeLessThan(5_000);
  });
});
