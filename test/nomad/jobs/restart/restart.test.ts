import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import type { AllocationStub, TaskState } from "../../../../src/endpoints/allocations.ts";
import { steady } from "../../../support/demo-session.ts";
import { address } from "../../../support/recorded.ts";
import { recordedAllocations } from "../../../support/recorded-allocation.ts";
import { openSession } from "../../../support/session.ts";

type Step = (task: TaskState) => void;

/** The recorded service `web`: what its restarts are answered with, and how a restarted task reads from then on, read by read. */
function web(reply: () => Response, steps: readonly Step[] = []) {
  const sent: string[] = [];
  const coming: (() => void)[] = [];
  const { state } = recordedAllocations({
    job: "web",
    extra: [
      http.put(`${address}/v1/client/allocation/:id/restart`, ({ params }) => {
        const allocation = state.allocations.find(({ ID }) => ID === params.id);
        sent.push(String(params.id).slice(0, 8));
        if (allocation) coming.push(...steps.map((step) => () => change(allocation, step)));
        return reply();
      }),
      http.get(`${address}/v1/allocation/:id`, () => coming.shift()?.()),
    ],
  });
  return sent;
}

function change(allocation: AllocationStub, step: Step): void {
  allocation.ModifyIndex++;
  const task = allocation.TaskStates?.server;
  if (task) step(task);
}

async function restart(args: Record<string, unknown> = {}) {
  const session = await openSession({ address });
  const { text, isError } = await session.call("restart_job", { job_id: "web", ...args });
  await session.close();
  const cursor = /cursor=(\S+)/.exec(text)?.[1];
  return { text: steady(text).replace(/cursor=\S+/, "cursor=<cursor>"), isError, cursor };
}

const done = () => HttpResponse.json({ Index: 0 });
/** Nomad tells of the run before for a while. */
const asBefore: Step = () => undefined;
const killed: Step = (task) => {
  const event = { DisplayMessage: "", Details: {} };
  task.Events?.push(
    { ...event, Type: "Restart Signaled", Time: 1795204200e9 },
    { ...event, Type: "Terminated", Time: 1795204201e9, Details: { exit_code: "137", signal: "9" } },
  );
  task.State = "pending";
};
const startedAgain: Step = (task) => {
  task.State = "running";
  task.StartedAt = "2026-11-20T19:50:02Z";
  task.Restarts++;
};
const crashed: Step = (task) => {
  task.State = "pending";
  task.Events?.push({
    ...{ Type: "Terminated", Time: 1795204203e9, DisplayMessage: "Exit Code: 1" },
    Details: { exit_code: "1", signal: "0" },
  });
};

test("an allocation is back only when Nomad tells of a later start", async () => {
  const sent = web(done, [asBefore, killed, startedAgain]);
  const { text, isError } = await restart();
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"web restarted (namespace default); 3 of 3 allocations in <span>, running: 3 of 3 healthy (no check: ran for 1s), version 0 submitted <age>"`,
  );
  expect(sent).toEqual(["8481265a", "cd34150a", "d43f2a12"]);
});

test("what crashes after its start stops it, with the reason, and the others are left alone", async () => {
  const sent = web(done, [killed, startedAgain, crashed]);
  const { text } = await restart();
  expect(text).toMatchInlineSnapshot(`
    "web restart stopped at 1 of 3 allocations (namespace default); api[1] (8481265a on dev-1) ran again, and then task server exits with code 1
    waiting: 3 of 3 healthy, version 0 submitted <age>
    Why: api[1] (8481265a on dev-1): task server exits with code 1
         last of its stdout (output of the workload):
         | hello from web
    Next: get_job_logs job_id=web, or once that is fixed: restart_job job_id=web cursor=<cursor> goes on with the other 2"
  `);
  expect(sent).toEqual(["8481265a"]);
});

test("what Nomad refuses stops it with Nomad's words, and the cursor goes on past it", async () => {
  const sent = web(() => new HttpResponse("Task not running", { status: 500 }));
  const { text, isError, cursor } = await restart();
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "web restart stopped at 1 of 3 allocations (namespace default); api[1] (8481265a on dev-1): it was not restarted: PUT /v1/client/allocation/8481265a-52d0-ecb4-4c35-7a14f2cccd88/restart failed: 500 Task not running
    running: 3 of 3 healthy (no check: ran for 1s), version 0 submitted <age>
    Next: once that is fixed: restart_job job_id=web cursor=<cursor> goes on with the other 2"
  `);
  await restart({ cursor });
  expect(sent).toEqual(["8481265a", "cd34150a"]);
});

test("a restart whose answer was lost counts as sent, and that is said", async () => {
  const sent = web(() => new HttpResponse("rpc error: EOF", { status: 500 }));
  const { text, cursor } = await restart();
  expect(text).toMatchInlineSnapshot(`
    "web restarted in part (namespace default); 1 of 3 allocations in <span>, 2 to go
    Sent, not confirmed: api[1] (8481265a on dev-1): PUT /v1/client/allocation/8481265a-52d0-ecb4-4c35-7a14f2cccd88/restart may have happened: 500 rpc error: EOF
    Next: restart_job job_id=web cursor=<cursor> goes on with the other 2"
  `);
  await restart({ cursor });
  expect(sent).toEqual(["8481265a", "cd34150a"]);
});
