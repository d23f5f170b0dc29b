import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";
import { onUpgrade } from "../support/upgrades.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const Resources = { CPU: 20, MemoryMB: 16 };
const Config = { image: "shop/api:1" };
const migrate = { Name: "migrate", Command: "/bin/sh", Args: ["-c", "echo migrated; exit 3"] };
const clear = { Name: "clear-cache", Command: "true" };
const main = { Name: "main", Driver: "docker", Config, Resources, Actions: [migrate, clear] };
const side = { ...main, Name: "side", Actions: [clear] };

const submit = (more: object = {}) => session.register(mockJob("api", {}, { Count: 2, Tasks: [main, side] }, more));
const running = async () =>
  (await session.nomad<AllocationStub[]>("GET", "/v1/job/api/allocations")).filter(
    ({ ClientStatus }) => ClientStatus === "running",
  );
const act = async (args: object, over: DemoSession = session) => {
  const { text, isError } = await over.call("run_job_action", { job_id: "api", action: "migrate", ...args });
  return {
    isError,
    text: withoutIds(text)
      .replaceAll(/client-\d/g, "<node>")
      .replaceAll(/api\[\d\]/g, "api[n]"),
  };
};

test("what it says and how it ends, and where it ran", async () => {
  await submit();
  session.changes();
  expect(await act({})).toMatchInlineSnapshot(`
    {
      "isError": false,
      "text": "Action migrate exited with code 3 in task main of api[n] (<id> on <node>) of api

    stdout, 1 line (output of the workload):
    | migrated
    It ran in the newest allocation that runs; allocation_id= names another.",
    }
  `);
  const [sent, ...more] = session.changes();
  expect(more).toEqual([]);
  expect(sent).toMatch(
    /^GET \/v1\/job\/api\/action\?namespace=default&action=migrate&task=main&group=api&allocID=\S+&tty=false$/,
  );
});

test("in the allocation that is named", async () => {
  await submit();
  for (const { ID } of await running()) {
    const { text } = await session.call("run_job_action", { job_id: "api", action: "migrate", allocation_id: ID });
    expect(text).toContain(`(${ID.slice(0, 8)} on `);
    expect(text).not.toContain("newest");
  }
});

test("refused before anything is sent, with what there is", async () => {
  await submit();
  const [web] = await session.nomad<AllocationStub[]>("GET", "/v1/job/web/allocations");
  session.changes();
  const answers: string[] = [];
  for (const args of [
    { action: "migrat" },
    { action: "migrate", task: "side" },
    { action: "clear-cache" },
    { job_id: "web" },
    { job_id: "ap" },
    { allocation_id: web?.ID },
  ]) {
    const { text, isError } = await act(args);
    expect(isError).toBe(true);
    answers.push(text);
  }
  expect(answers.join("\n")).toMatchInlineSnapshot(`
    "Job api has no action migrat: it has migrate (task main: /bin/sh -c 'echo migrated; exit 3'), clear-cache (task main: true) and clear-cache (task side: true). Nothing was changed.
    Job api has no action migrate in task side: it has migrate (task main: /bin/sh -c 'echo migrated; exit 3'), clear-cache (task main: true) and clear-cache (task side: true). Nothing was changed.
    Several tasks of job api have an action clear-cache: say which, group=api task=main or group=api task=side. Nothing was changed.
    Job web has no actions: its author has named no commands. Nothing was changed.
    There is no job "ap" in namespace default. Nearest: api. Nothing was changed.
    Allocation <id> is not of group api of job api. Nothing was changed."
  `);
  expect((await act({ action: "clear-cache", task: "side" })).isError).toBe(false);
  await session.nomad("DELETE", "/v1/job/api");
  await session.clock.advance(10_000);
  session.changes();
  expect((await act({})).text).toMatchInlineSnapshot(`
    "Actions run in what runs, and of group api of job api nothing does. Nothing was changed.
    Next: get_job_status job_id=api says why"
  `);
  expect(session.changes()).toEqual([]);
});

test("the person sees the command as the version has it that runs, and a consent is for that allocation", async () => {
  const asked: string[] = [];
  const other = await demoSession({ confirm: "ask" }, (question) => {
    asked.push(question);
    return "decline";
  });
  try {
    await other.register(mockJob("api", {}, { Tasks: [main, side] }));
    await act({}, other);
    expect(
      withoutIds(asked.join("\n"))
        .replaceAll(/client-\d/g, "<node>")
        .replaceAll(/:\d+$/gm, ":<port>"),
    ).toMatchInlineSnapshot(`
      "Run action migrate in task main of api[0] (<id> on <node>) of api: /bin/sh -c 'echo migrated; exit 3'
        allocation: <id> (api[0] on <node>; it is running and healthy)
        job: api (service, version 0)
        namespace: default
        cluster: http://127.0.0.1:<port>

      Do this?"
    `);
    expect(other.changes().filter((each) => each.includes("/action"))).toEqual([]);
  } finally {
    await other.close();
  }
});

test("an answer that is lost: sent once, and that it may have happened", async () => {
  await submit();
  session.changes();
  let opened = 0;
  onUpgrade(async () => {
    opened++;
    throw new Error("read ECONNRESET");
  });
  const { text, isError } = await act({});
  expect(isError).toBe(true);
  expect(text).toMatch(
    /^GET \/v1\/job\/api\/action may have happened: its answer was lost .*\nNomad keeps no trace of a command, .*\nNext: exec_in_allocation allocation_id=<id> task=main command=\["ps"\]/,
  );
  expect(opened).toBe(1);
});
