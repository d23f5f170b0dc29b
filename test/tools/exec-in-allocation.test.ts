import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";
import { onUpgrade } from "../support/upgrades.ts";

let session: DemoSession;
const opened = async (...given: Parameters<typeof demoSession>) => {
  session = await demoSession(...given);
  return session;
};
beforeEach(() => opened());
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

async function allocationOf(job: string): Promise<AllocationStub> {
  const [first] = await session.nomad<AllocationStub[]>("GET", `/v1/job/${job}/allocations`);
  if (first === undefined) throw new Error(`${job} has no allocation`);
  session.changes();
  return first;
}

const steady = (text: string) => withoutIds(text).replaceAll(/client-\d/g, "<node>");

/** Runs a command in the first allocation of web, a container. */
async function run(command: readonly string[], more: object = {}) {
  const { ID } = await allocationOf("web");
  const { text, isError } = await session.call("exec_in_allocation", { allocation_id: ID, command, ...more });
  return { text: steady(text), isError };
}

describe("what a command says, and how it ends", () => {
  test.each([
    [["cat", "/etc/resolv.conf"], {}],
    [["ps"], {}],
    [["sh", "-c", "echo out; echo err >&2; exit 7"], {}],
    [["sh", "-c", "nope"], {}],
    [["true"], {}],
    [["cat"], { stdin: "one\ntwo\n" }],
  ])("%j", async (command, more) => {
    const answer = await run(command, more);
    expect(answer).toMatchSnapshot();
    expect(session.changes()).toHaveLength(1);
  });

  test("arguments and input arrive as they were given, and what hides in them is shown", async () => {
    const { text } = await run(["echo", "a\nNext: x", '"q" \\ \u202e', ""]);
    expect(text).toMatch(/^echo 'a\\nNext: x' '"q" \\ \\u\{202e\}' '' exited with code 0 /);
    expect(text).toContain('\n| a\n| Next: x "q" \\');
  });

  test("only the beginning and the end of much output are told, and that there is more", async () => {
    const { text } = await run(["seq", "1", "5000"], { max_output: 500 });
    expect(text).toMatch(
      /\n\nstdout, the beginning and the end of 23 KiB \(output of the workload\):\n\| 1\n\| 2\n.*\n\(23 KiB left out\)\n.*\n\| 5000$/s,
    );
    expect(text.length).toBeLessThan(1_000);
  });

  test("what is no text is told by its size", async () => {
    expect((await run(["cat"], { stdin: "a\u0000b" })).text).toMatch(
      /\n\nstdout: 3 bytes that are no text, and are not/,
    );
  });

  test("a secret of the job is masked in what a command says", async () => {
    const Tasks = [
      { Name: "server", Driver: "docker", Config: { image: "shop/x:1" }, Env: { DB_PASSWORD: "vR8pTq2LmZx4" } },
    ];
    await session.register(mockJob("masked", {}, { Tasks }));
    const masked = await allocationOf("masked");
    const answer = await session.call("exec_in_allocation", {
      ...{ allocation_id: masked.ID, command: ["printenv", "DB_PASSWORD"] },
    });
    expect(answer.text).toMatch(/\n\| \[masked\]$/);
  });
});

describe("what does not end", () => {
  test("by itself: it is cut when the time is over, and what runs on is said", async () => {
    expect((await run(["sleep", "infinity"], { wait_seconds: 1 })).text).toMatchInlineSnapshot(`
      "sleep infinity had not ended after <span>: the connection was cut, and the command runs on in task nginx of web[0] (<id> on <node>) of web
      It wrote nothing.
      Next: exec_in_allocation allocation_id=<id> task=nginx command=["ps"] says whether it still runs, and ["kill","PID"] ends it
      What may not end: command=["timeout","20",...], where the task has that program."
    `);
  });

  test("writing: it is cut at a bound", async () => {
    const { text } = await run(["yes"], { max_output: 500 });
    expect(text).toMatch(
      /^yes had written 2 MiB after \S+: the connection was cut, and the command runs on or is stuck in task /,
    );
  });
});

test("refused before anything is sent", async () => {
  const Config = { run_for: "1h" };
  const side = { Name: "side", Driver: "mock_driver", Config, Resources: { CPU: 20, MemoryMB: 16 } };
  const init = { ...side, Name: "init", Config: { run_for: "1s" }, Lifecycle: { Hook: "prestart" } };
  await session.register(mockJob("api", {}, { Tasks: [{ ...side, Name: "server" }, side, init] }));
  const { ID: allocation_id } = await allocationOf("api");
  const answers: string[] = [];
  for (const args of [{}, { task: "nope" }, { task: "init" }, { command: [] }, { command: ["a".repeat(20_000)] }]) {
    const { text, isError } = await session.call("exec_in_allocation", { allocation_id, command: ["ps"], ...args });
    expect(isError).toBe(true);
    answers.push(steady(text));
  }
  await session.nomad("DELETE", "/v1/job/api");
  await session.clock.advance(10_000);
  session.changes();
  answers.push(steady((await session.call("exec_in_allocation", { allocation_id, command: ["ps"] })).text));
  expect(answers.join("\n")).toMatchInlineSnapshot(`
    "Several tasks of api[0] (<id> on <node>) of api run: say which with task=, server or side. Nothing was changed.
    api[0] (<id> on <node>) of api has no task nope: it has server, side and init. Nothing was changed.
    Task init of api[0] (<id> on <node>) of api does not run (ended <age>). Nothing was changed.
    exec_in_allocation: command: Too small: expected array to have >=1 items.
    exec_in_allocation: command.0: Too big: expected string to have <=16384 characters.
    Commands run only in what runs, and api[0] (<id> on <node>) of api was stopped <age> (alloc not needed due to job update). Nothing was changed."
  `);
  expect(session.changes()).toEqual([]);
});

test("a driver that runs none, and a program that is not there: nothing was run", async () => {
  await session.register(mockJob("plain"));
  const { ID: plain } = await allocationOf("plain");
  expect(
    steady((await session.call("exec_in_allocation", { allocation_id: plain, command: ["ps"] })).text),
  ).toMatchInlineSnapshot(`
    "GET /v1/client/allocation/<id>/exec failed: 500 no exec command is configured
    The driver of this task runs no commands."
  `);
  const Tasks = [{ Name: "server", Driver: "raw_exec", Config: { command: "/bin/serve" } }];
  await session.register(mockJob("raw", {}, { Tasks }));
  const { ID: raw } = await allocationOf("raw");
  expect(
    steady((await session.call("exec_in_allocation", { allocation_id: raw, command: ["nope"] })).text),
  ).toMatchInlineSnapshot(`
    "GET /v1/client/allocation/<id>/exec failed: 500 rpc error: code = Unknown desc = failed to start command: exec: "nope": executable file not found in $PATH
    The task has no such command, or none that may be run: nothing was run. A command is a program and its arguments, each by itself; a line of a shell is ["sh","-c","..."]."
  `);
});

test("the connection breaks: sent once, that it may have happened, what came until then, and how to see", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const said: string[] = [];
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      said.push(String(data));
      socket.send(JSON.stringify({ stdout: { data: Buffer.from("begun\n").toString("base64") } }), () =>
        socket.terminate(),
      );
    });
  });
  const { port } = server.address() as AddressInfo;
  onUpgrade(async () => `http://127.0.0.1:${port}`);
  const { text, isError } = await run(["migrate", "--all"], { stdin: "x" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "GET /v1/client/allocation/<id>/exec may have happened: its answer was lost (the connection ended before the command did)
    Nomad keeps no trace of a command, and it may run on: look at what it was to do before it is repeated.
    Until then:

    stdout, 1 line (output of the workload):
    | begun
    Next: exec_in_allocation allocation_id=<id> task=nginx command=["ps"] says whether it still runs, and ["kill","PID"] ends it"
  `);
  expect(said).toEqual(['{"stdin":{"data":"eA==","close":true}}']);
});

test("cancelled half-way: the call ends, and nothing is sent again", async () => {
  const { ID } = await allocationOf("web");
  const call = new AbortController();
  const args = { allocation_id: ID, command: ["sleep", "infinity"] };
  const calling = session.client.callTool({ name: "exec_in_allocation", arguments: args }, undefined, {
    signal: call.signal,
  });
  await vi.waitFor(() => expect(session.demo.requests.some(({ status }) => status === 101)).toBe(true));
  call.abort();
  await expect(calling).rejects.toThrow();
  expect(session.changes()).toHaveLength(1);
});

test("the person sees command, input, place and what it reaches", async () => {
  const asked: string[] = [];
  await session.close();
  await opened({ confirm: "ask" }, (question) => {
    asked.push(question);
    return "decline";
  });
  const Tasks = [{ Name: "server", Driver: "raw_exec", Config: { command: "/bin/serve" } }];
  await session.register(mockJob("raw", {}, { Tasks }));
  const { ID } = await allocationOf("raw");
  await session.call("exec_in_allocation", {
    allocation_id: ID,
    command: ["sh", "-c", "cat > /x"],
    stdin: "one\n\u202etwo\n",
  });
  expect(steady(asked.join("\n")).replaceAll(/:\d+$/gm, ":<port>")).toMatchInlineSnapshot(`
    "Run in task server of api[0] (<id> on <node>) of raw: sh -c 'cat > /x'
      allocation: <id> (api[0] on <node>; it is running and healthy)
      job: raw (service, version 0)
      namespace: default
      cluster: http://127.0.0.1:<port>
      driver: raw_exec, which isolates nothing: the command runs on the node itself
      stdin (11 bytes):
      | one
      | \\u{202e}two

    Do this?"
  `);
  expect(session.changes()).toEqual([]);
});

test("the audit log has the command, and of the input only its size", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nomad-mcp-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const auditLog = join(folder, "audit.log");
  await session.close();
  await opened({ auditLog });
  await run(["cat"], { stdin: "made-up secret" });
  const [intent = ""] = readFileSync(auditLog, "utf8").split("\n");
  expect(JSON.parse(intent).arguments).toMatchObject({ command: ["cat"], stdin: "[hidden: 14 bytes]" });
});
