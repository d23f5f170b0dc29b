import { expect } from "vitest";
import { WebSocket } from "ws";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

const Resources = { CPU: 20, MemoryMB: 16 };
const program = { command: "/bin/sleep", args: ["3600"] };
const exec_command = { run_for: "10ms", exit_code: 3, stdout_string: "out\n", stderr_string: "err\n" };
const Actions = [
  { Name: "hello", Command: "/bin/sh", Args: ["-c", "echo hi; exit 5"] },
  { Name: "nope", Command: "nope" },
];
const Tasks = [
  { Name: "main", Driver: "raw_exec", Config: program, Env: { COLOUR: "green" }, Resources, Actions },
  { Name: "mock", Driver: "mock_driver", Config: { run_for: "1h", exec_command }, Resources },
  { Name: "plain", Driver: "mock_driver", Config: { run_for: "1h" }, Resources },
  {
    ...{ Name: "init", Driver: "mock_driver", Config: { run_for: "500ms" }, Resources },
    Lifecycle: { Hook: "prestart" },
  },
];

/** What came over a websocket, and how it ended. */
interface Came {
  readonly stdout: string;
  readonly stderr: string;
  readonly exited?: unknown;
  readonly end: string;
}

const closed = { stdin: { close: true } };

async function talk(nomad: Cluster, path: string, query: Record<string, string>, said: object[]): Promise<Came> {
  const url = new URL(path, nomad.address.replace(/^http/, "ws"));
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const socket = new WebSocket(url);
  const came: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
  let exited: unknown;
  socket.on("open", () => {
    for (const each of said) socket.send(JSON.stringify(each));
  });
  socket.on("message", (message) => {
    const frame = JSON.parse(String(message));
    for (const stream of ["stdout", "stderr"] as const) {
      came[stream] += Buffer.from(frame[stream]?.data ?? "", "base64").toString("utf8");
    }
    if (frame.exited) exited = frame.result;
  });
  const end = await new Promise<string>((resolve) => {
    socket.on("error", () => {});
    socket.on("close", (code, reason) => resolve(`${code} ${reason}`));
  });
  return { ...came, ...(exited !== undefined && { exited }), end };
}

contract("commands in a task", (test) => {
  const started = async (nomad: Cluster): Promise<string> => {
    const id = await nomad.running("has-commands", {}, { Tasks, ...noDeployment });
    const [only] = await nomad.allocations(id, ([one]) => one?.TaskStates?.main?.State === "running");
    return only?.ID ?? "";
  };

  test("are answered in frames, and end without a close frame", async ({ nomad }) => {
    const path = `/v1/client/allocation/${await started(nomad)}/exec`;
    const run = async (task: string, command: string[], said: object[] = [closed]) =>
      await talk(nomad, path, { task, command: JSON.stringify(command), tty: "false" }, said);
    const exited = { end: "1006 ", stdout: "", stderr: "" };
    expect(await run("main", ["/bin/echo", "hi"])).toEqual({ ...exited, stdout: "hi\n", exited: {} });
    expect(await run("main", ["sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
      ...{ ...exited, stdout: "out\n", stderr: "err\n" },
      exited: { exit_code: 7 },
    });
    const data = Buffer.from("hello\n").toString("base64");
    const given = [{ stdin: { data } }, closed];
    expect(await run("main", ["cat"], given)).toEqual({ ...exited, stdout: "hello\n", exited: {} });
    expect(await run("main", ["cat"], [{ stdin: { data, close: true } }])).toMatchObject({ stdout: "hello\n" });
    expect(await run("main", ["printenv", "COLOUR"])).toMatchObject({ stdout: "green\n" });
    expect(await run("main", ["sh", "-c", "nope"])).toMatchObject({ exited: { exit_code: 127 } });
    expect(await run("mock", ["anything"])).toMatchObject({
      ...{ stdout: "out\n", stderr: "err\n", exited: { exit_code: 3 } },
    });
  });

  test("are refused by close frames: 1011 for what is a 500, 1008 for the rest", async ({ nomad }) => {
    const id = await started(nomad);
    const refused = async (query: Record<string, string>, allocation = id) =>
      (await talk(nomad, `/v1/client/allocation/${allocation}/exec`, query, [closed])).end.replace(id, "<id>");
    const command = JSON.stringify(["nope"]);
    const none = "1011 rpc error: code = Unknown desc = failed to start command: ";
    expect(await refused({ task: "main", command })).toBe(`${none}exec: "nope": executable file not found in $PATH`);
    expect(await refused({ task: "main", command: '["/bin/nope"]' })).toBe(
      `${none}fork/exec /bin/nope: no such file or directory`,
    );
    expect(await refused({ task: "main", command: "[]" })).toBe("1008 command is not present");
    expect(await refused({ command })).toBe("1008 must provide task name");
    expect(await refused({ task: "none", command })).toBe("1011 task not found");
    expect(await refused({ task: "init", command })).toBe('1008 task "init" is not running.');
    expect(await refused({ task: "plain", command })).toBe("1011 no exec command is configured");
    expect(await refused({ task: "main", command, region: "mars" })).toBe("1011 No path to region");
    const unknown = "00000000-0000-0000-0000-000000000000";
    expect(await refused({ task: "main", command }, unknown)).toBe(`1008 Unknown allocation "${unknown}"`);
    expect(await refused({ task: "main", command }, "0000")).toBe(
      "1011 alloc lookup failed: index error: UUID must be 36 characters",
    );
    const { status, text } = await nomad.send("GET", `/v1/client/allocation/${id}/exec`, { query: { task: "main" } });
    expect([status, text]).toEqual([500, expect.stringMatching(/unexpected end of JSON input|websocket connection/)]);
  });

  test("exec_in_allocation tells what they say, and how they end", async ({ nomad }) => {
    const allocation_id = (await started(nomad)).slice(0, 8);
    const run = async (command: string[], more: object = {}) =>
      await nomad.tell("exec_in_allocation", { allocation_id, task: "main", command, ...more });
    expect(await run(["sh", "-c", "echo out; exit 7"])).toMatch(
      /^sh -c 'echo out; exit 7' exited with code 7 in task main of api\[0\] \(.*\) of \S+\n\nstdout, 1 line \(output of the workload\):\n\| out$/,
    );
    expect(await run(["cat"], { stdin: "one\ntwo\n" })).toMatch(/\n\| one\n\| two$/);
    expect(await run(["echo", "a\nb", "c'\"d"])).toMatch(/\n\| a\n\| b c'"d$/);
    expect(await run(["sleep", "infinity"], { wait_seconds: 1 })).toMatch(
      /^sleep infinity had not ended after 1s: the connection was cut, and the command runs on in task main/,
    );
    expect(await run(["seq", "1", "30000"], { max_output: 600 })).toMatch(
      /stdout, the beginning and the end of \d+ KiB .*\n\| 1\n\| 2\n.*\n\(\d+ KiB left out\)\n.*\n\| 30000$/s,
    );
    const { text, isError } = await nomad.call("exec_in_allocation", {
      allocation_id,
      task: "main",
      command: ["nope"],
    });
    expect(isError).toBe(true);
    expect(text).toMatch(/executable file not found.*\nThe task has no such command.*nothing was run/);
  });

  test("actions run as commands do, and are refused in words of their own", async ({ nomad }) => {
    const allocID = await started(nomad);
    const { JobID: job } = await nomad.get<{ JobID: string }>(`/v1/allocation/${allocID}`);
    const usual = { action: "hello", task: "main", group: "api", allocID, tty: "false" };
    const run = async (more: object = {}, of = job) =>
      await talk(nomad, `/v1/job/${of}/action`, { ...usual, ...more }, [closed]);
    expect(await run()).toEqual({ stdout: "hi\n", stderr: "", exited: { exit_code: 5 }, end: "1006 " });
    // The allocation alone says where it runs.
    expect(await run({ group: "none" })).toMatchObject({ stdout: "hi\n" });
    expect((await run({ action: "none" })).end).toBe("1008 action none not found in task main");
    expect((await run({ task: "none" })).end).toBe(`1008 task none not found in allocation ${allocID}`);
    expect((await run({ namespace: "nowhere" })).end).toBe(`1008 job ${job} not found in namespace nowhere`);
    expect((await run({}, "none")).end).toBe("1008 job none not found in namespace default");
    expect((await run({ allocID: "" })).end).toBe("1008 missing AllocID");
    expect((await run({ action: "nope" })).end).toMatch(/^1011 .*failed to start command: exec: "nope"/);
    expect(await nomad.get(`/v1/job/${job}/actions`)).toContainEqual({
      ...{ Name: "nope", Command: "nope", Args: null },
      ...{ TaskGroupName: "api", TaskName: "main" },
    });
  });

  test("run_job_action runs one in the newest allocation that runs", async ({ nomad }) => {
    const allocation = (await started(nomad)).slice(0, 8);
    const [{ JobID: job_id } = { JobID: "" }] = await nomad.get<{ JobID: string }[]>("/v1/allocations", {
      prefix: allocation,
    });
    expect(await nomad.tell("run_job_action", { job_id, action: "hello" })).toMatch(
      new RegExp(
        `^Action hello exited with code 5 in task main of api\\[0\\] \\(${allocation} on .*\\| hi\nIt ran in the newest`,
        "s",
      ),
    );
    expect((await nomad.call("run_job_action", { job_id, action: "none" })).text).toContain(
      "it has hello (task main: /bin/sh -c ",
    );
  });
});
