import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const ran = { Config: { run_for: "1h" }, Resources: { CPU: 20, MemoryMB: 16 } };
const program = { Driver: "raw_exec", Config: { command: "/bin/serve" }, Resources: ran.Resources };
const Tasks = [
  { Name: "server", Driver: "mock_driver", ...ran },
  { Name: "side", ...program },
  { Name: "init", Driver: "mock_driver", ...ran, Config: { run_for: "1s" }, Lifecycle: { Hook: "prestart" } },
];
async function running(): Promise<AllocationStub> {
  await session.register(mockJob("api", {}, { Tasks }));
  const [only] = await session.nomad<AllocationStub[]>("GET", "/v1/job/api/allocations");
  if (only === undefined) throw new Error("api has no allocation");
  session.changes();
  return only;
}
const signal = async (args: object) => {
  const { text, isError } = await session.call("signal_allocation", { signal: "SIGHUP", ...args } as Record<
    string,
    unknown
  >);
  return {
    isError,
    text: withoutIds(text)
      .replaceAll(/client-\d/g, "<node>")
      .replaceAll(/running for \d+s/g, "running for <span>"),
  };
};
const route = ({ ID }: AllocationStub) => `POST /v1/client/allocation/${ID}/signal?namespace=default`;

test("what runs on is told, with where to look for what the program made of it", async () => {
  const only = await running();
  expect(await signal({ allocation_id: only.ID, task: "server" })).toMatchInlineSnapshot(`
    {
      "isError": false,
      "text": "SIGHUP sent to task server of api[0] (<id> on <node>) of api (namespace default); it is running for <span>
    What the program made of it, only its log can tell.",
    }
  `);
  expect(session.changes()).toEqual([route(only)]);
});

test("what ends of it is told", async () => {
  const only = await running();
  const { text } = await signal({ allocation_id: only.ID, task: "side", signal: "SIGKILL" });
  expect(text).toMatch(
    /^SIGKILL sent to task side of .*; it ended \(starting again\)\nNext: get_allocation_status allocation_id=<id> says how it is$/s,
  );
});

test("without a task, every one that runs gets it", async () => {
  const only = await running();
  const { text } = await signal({ allocation_id: only.ID, signal: "SIGWINCH" });
  expect(text).toMatch(
    /^SIGWINCH sent to task server and task side of .*; server is running for <span>; side is running for <span>\n/,
  );
  expect(session.changes()).toEqual([route(only)]);
});

test("refused before anything is sent", async () => {
  const { ID: allocation_id } = await running();
  const asked = [
    { allocation_id, task: "nope" },
    { allocation_id, task: "init" },
    { allocation_id, signal: "SIGNOPE" },
    { allocation_id: allocation_id.slice(0, 6) },
  ];
  const answers: string[] = [];
  for (const args of asked) {
    const { text, isError } = await signal(args);
    expect(isError).toBe(true);
    answers.push(text);
  }
  expect(answers.join("\n")).toMatchInlineSnapshot(`
    "api[0] (<id> on <node>) of api has no task nope: it has server, side and init. Nothing was changed.
    Task init of api[0] (<id> on <node>) of api does not run (ended <age>). Nothing was changed.
    signal_allocation: signal: Invalid option: expected one of "SIGHUP"|"SIGUSR1"|"SIGUSR2"|"SIGWINCH"|"SIGINT"|"SIGQUIT"|"SIGTERM"|"SIGKILL".
    d30e95 is too short for the id of the allocation that is to be changed: give 8 characters. Nothing was changed."
  `);
  await session.nomad("DELETE", "/v1/job/api");
  await session.clock.advance(10_000);
  session.changes();
  expect((await signal({ allocation_id })).text).toMatch(
    /^Only what runs gets a signal, and .* was stopped .*\. Nothing was changed\.$/,
  );
  expect(session.changes()).toEqual([]);
});

test("an answer that is lost: sent once, that it may have happened, and what is seen since", async () => {
  const only = await running();
  between("/signal", async (send) => {
    const response = await lost(send).catch((error: unknown) => error);
    await session.clock.advance(1_500);
    throw response;
  });
  const { text, isError } = await signal({ allocation_id: only.ID, task: "server" });
  expect(isError).toBe(true);
  expect(text).toContain(" may have happened");
  expect(text).toMatch(
    /Looked at since: the task got a signal; it is running for <span>\.\nNext: get_allocation_status /,
  );
  expect(session.changes()).toEqual([route(only)]);
});
