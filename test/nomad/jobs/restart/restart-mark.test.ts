import { afterEach, beforeEach, expect, test } from "vitest";
import type { AllocationStub } from "../../../../src/endpoints/allocations.ts";
import type { Job } from "../../../../src/endpoints/job.ts";
import { type Progress, positionOf } from "../../../../src/nomad/jobs/restart/restart-cursor.ts";
import { restartMark } from "../../../../src/nomad/jobs/restart/restart-mark.ts";
import { NomadClient } from "../../../../src/nomad-client.ts";
import { type DemoSession, demoSession, mockJob } from "../../../support/demo-session.ts";

let session: DemoSession;
let nomad: NomadClient;
beforeEach(async () => {
  session = await demoSession();
  nomad = new NomadClient({ base: session.demo.address, namespace: "default", readOnly: true, fetch });
});
afterEach(() => session.close());

async function mark(reschedule = false, from?: Progress): Promise<string> {
  const job = await session.nomad<Job>("GET", "/v1/job/steady");
  const aim = { among: `JobID == "${job.ID}"`, groups: undefined, replaced: reschedule ? job : undefined };
  return await restartMark(nomad, aim, from);
}

async function allocations(): Promise<AllocationStub[]> {
  const found = await session.nomad<AllocationStub[]>("GET", "/v1/job/steady/allocations");
  return found.toSorted((one, other) => one.CreateIndex - other.CreateIndex || (one.ID < other.ID ? -1 : 1));
}

async function restart(id: string): Promise<void> {
  await session.nomad("PUT", `/v1/client/allocation/${id}/restart`, {});
  await session.clock.advance(2_000);
}

test("stays while tasks crash and start again, and is another one once somebody restarted them", async () => {
  const endless = { RestartPolicy: { Attempts: 1_000, Interval: 3_600e9, Delay: 1e9, Mode: "delay" } };
  await session.register(mockJob("steady", { run_for: "2s", exit_code: 1 }, endless), 5);
  const [only] = await allocations();
  const first = await mark();
  for (let seconds = 0; seconds < 20; seconds++) {
    await session.clock.advance(1_000);
    expect(await mark()).toBe(first);
  }
  const restarts = (await allocations())[0]?.TaskStates?.server?.Restarts ?? 0;
  expect(restarts).toBeGreaterThan(3);
  while ((await allocations())[0]?.ClientStatus !== "running") await session.clock.advance(500);
  await restart(only?.ID ?? "");
  expect(await mark()).not.toBe(first);
});

test("with reschedule it is another one once an allocation was replaced, and not by a restart where it is", async () => {
  await session.register(mockJob("steady", {}, { Count: 3 }));
  const first = await mark(true);
  const [one] = await allocations();
  await restart(one?.ID ?? "");
  expect(await mark(true)).toBe(first);
  await session.nomad("PUT", `/v1/allocation/${one?.ID}/stop`);
  await session.clock.advance(5_000);
  expect(await mark(true)).not.toBe(first);
});

test("behind a cursor it is about what is left, in two requests however many there are", async () => {
  await session.register(mockJob("steady", {}, { Count: 3 }));
  const [done, , left] = await allocations();
  const last = positionOf(done ?? expect.fail());
  const from = { start: left?.CreateIndex ?? 0, last, sent: 1, total: 3, page: undefined };
  const before = session.demo.requests.length;
  const first = await mark(false, from);
  // One of them reads the job.
  expect(session.demo.requests.length - before).toBe(3);
  await restart(done?.ID ?? "");
  expect(await mark(false, from)).toBe(first);
  await restart(left?.ID ?? "");
  expect(await mark(false, from)).not.toBe(first);
});
