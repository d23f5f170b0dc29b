import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SchedulerConfig } from "../../src/endpoints/operator.ts";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const path = "/v1/operator/scheduler/configuration";
const set = async (setting: string, value: string) => await session.call("set_scheduler_config", { setting, value });
const read = async () => (await session.nomad<SchedulerConfig>("GET", path)).SchedulerConfig ?? expect.fail();
const put = async (config: object) => await session.nomad("PUT", path, config);

test("one setting is changed, and the others stay, also those that this server does not know", async () => {
  await put({ ...(await read()), MemoryOversubscriptionEnabled: true, NodeLimitForFeasibilityChecks: 7 });
  const before = await read();
  session.changes();
  const { text, isError } = await set("algorithm", "spread");
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "algorithm of the scheduler set, for the whole cluster: binpack -> spread; what is placed from now on goes to the nodes with most room; what runs stays where it is
    Next: set_scheduler_config setting=algorithm value=binpack takes that back"
  `);
  const after = await read();
  expect(after).toEqual({ ...before, SchedulerAlgorithm: "spread", ModifyIndex: after.ModifyIndex });
  expect(session.changes()).toEqual([`PUT ${path}?namespace=default&cas=${before.ModifyIndex}`]);
});

test("a repeat changes nothing", async () => {
  session.changes();
  const { text, isError } = await set("algorithm", "binpack");
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`"algorithm of the scheduler is binpack already. Nothing was changed."`);
  expect(session.changes()).toEqual([]);
});

test("each setting can be turned, does what it says, and can be turned back", async () => {
  const first = await read();
  for (const [setting, values] of Object.entries({
    algorithm: ["spread", "binpack"],
    memory_oversubscription: ["on", "off"],
    pause_eval_broker: ["on", "off"],
    reject_job_registration: ["on", "off"],
    preempt_service: ["on", "off"],
    preempt_batch: ["on", "off"],
    preempt_system: ["off", "on"],
    preempt_sysbatch: ["on", "off"],
  })) {
    const [there = "", back = ""] = values;
    expect((await set(setting, there)).text).toContain(
      `${setting} of the scheduler set, for the whole cluster: ${back} -> ${there}; `,
    );
    const { ModifyIndex: _, ...changed } = await read();
    const { ModifyIndex: _first, ...before } = first;
    expect(changed).not.toEqual(before);
    expect((await set(setting, back)).isError).toBe(false);
    const { ModifyIndex: _again, ...again } = await read();
    expect(again).toEqual(before);
  }
});

test("the broker paused: nothing is placed, which answers say with what ends it, and then it is", async () => {
  expect((await set("pause_eval_broker", "on")).text).toMatchInlineSnapshot(`
    "pause_eval_broker of the scheduler set, for the whole cluster: off -> on; nothing is placed, moved or replaced until it is off; what runs goes on, and what fails for good has no replacement
    Next: set_scheduler_config setting=pause_eval_broker value=off takes that back"
  `);
  await session.register(mockJob("late"));
  const waiting = await session.call("get_job_status", { job_id: "late" });
  expect(waiting.text).toContain("Next: set_scheduler_config setting=pause_eval_broker value=off");
  expect((await session.call("find_problems")).text).toContain(
    "set_scheduler_config setting=pause_eval_broker value=off",
  );
  expect((await set("pause_eval_broker", "off")).text).toMatchInlineSnapshot(`
    "pause_eval_broker of the scheduler set, for the whole cluster: on -> off; the scheduler works off what waited meanwhile
    Next: get_server_health says how many evaluations still wait"
  `);
  await session.clock.advance(15_000);
  expect((await session.call("get_job_status", { job_id: "late" })).text).toMatch(/running: 1 of 1 healthy/);
});

test("the question says what is set now and what comes of the change", async () => {
  const asking = await demoSession({ confirm: "ask" });
  const { text } = await asking.call("set_scheduler_config", { setting: "preempt_batch", value: "on" });
  expect(
    text.replace(asking.demo.address, "<address>").replace(/confirm=\S+/, "confirm=<code>"),
  ).toMatchInlineSnapshot(`
    "Not done yet: set_scheduler_config needs the consent of the person.
    Set preempt_batch of the scheduler, for the whole cluster: off -> on
      setting: preempt_batch (off)
      cluster: <address>
      then: batch jobs that find no room may stop allocations of jobs whose priority is lower by 10 or more
    Show this to the person. If they agree, call set_scheduler_config again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await asking.close();
});

describe("refused", () => {
  test("a value that the setting cannot have", async () => {
    session.changes();
    const { text, isError } = await set("algorithm", "on");
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"algorithm can be binpack or spread, not on. Nothing was changed."`);
    expect(session.changes()).toEqual([]);
  });

  test("what somebody else has changed meanwhile: Nomad answers 200, and nothing is set", async () => {
    let meddled = false;
    between(path, async (send) => {
      if (meddled) return await send();
      meddled = true;
      await put({ ...(await read()), NodeLimitForFeasibilityChecks: 9 });
      return await send();
    });
    const { text, isError } = await set("algorithm", "spread");
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Somebody else has changed the scheduler's configuration meanwhile. Nothing was changed.
      Next: get_server_health says how it is"
    `);
    expect((await read()).SchedulerAlgorithm).toBe("binpack");
  });

  test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
    between(path, lost);
    session.changes();
    const { text, isError } = await set("algorithm", "spread");
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "PUT /v1/operator/scheduler/configuration may have happened: its answer was lost (fetch failed)
      Looked at since: algorithm is spread.
      Next: get_server_health says how it is"
    `);
    expect(session.changes()).toHaveLength(1);
  });
});
