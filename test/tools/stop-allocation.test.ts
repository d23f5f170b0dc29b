import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const told = (text: string) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>")
    .replaceAll(/client-\d/g, "<node>");
const stop = async (args: Record<string, unknown>) => {
  const { text, isError } = await session.call("stop_allocation", args);
  return { isError, text: told(text) };
};
const allocations = (job: string) => session.nomad<AllocationStub[]>("GET", `/v1/job/${job}/allocations`);
/** The only allocation of a job that is registered for it. */
async function running(id: string, config: object = {}, group: object = {}, job: object = {}): Promise<AllocationStub> {
  await session.register(mockJob(id, config, group, job));
  const [only] = await allocations(id);
  if (only === undefined) throw new Error(`${id} has no allocation`);
  session.changes();
  return only;
}
const route = ({ ID }: AllocationStub) => `PUT /v1/allocation/${ID}/stop?namespace=default`;

describe("stopped", () => {
  test("a service's: what is in its stead, and how the job is; a second time nothing is sent", async () => {
    const before = await running("api");
    const { text, isError } = await stop({ allocation_id: before.ID.slice(0, 8) });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of api stopped (namespace default); replaced by <id> on <node>; running: 1 of 1 healthy (no check: ran for 10s) after <span>"`,
    );
    expect(session.changes()).toEqual([route(before)]);
    const now = await allocations("api");
    expect(now.find(({ ID }) => ID === before.ID)).toMatchObject({ ClientStatus: "complete", DesiredStatus: "stop" });
    expect(now.filter(({ ClientStatus }) => ClientStatus === "running")).toHaveLength(1);

    const again = await stop({ allocation_id: before.ID });
    expect(again.isError).toBe(false);
    expect(again.text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of api was stopped <age> (alloc is being migrated); <id> is in its stead. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });

  test("one that takes its time to end", async () => {
    const { ID } = await running("slow", { kill_after: "60s" }, { Tasks: [slow] });
    expect((await stop({ allocation_id: ID })).text).toMatchInlineSnapshot(`
      "api[0] (<id> on <node>) of slow stopped (namespace default); replaced by <id> on <node>; running: 1 of 1 healthy (no check: ran for 10s) after <span>
      The stopped one still shuts down"
    `);
  });

  test("a batch job's begins anew; a system job's node stays without one", async () => {
    const { ID } = await running("sums", { run_for: "1h" }, {}, { Type: "batch" });
    expect((await stop({ allocation_id: ID })).text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of sums stopped (namespace default); replaced by <id> on <node>, which is running"`,
    );
    const everywhere = await running("agent", {}, {}, { Type: "system" });
    expect((await stop({ allocation_id: everywhere.ID })).text).toMatchInlineSnapshot(`
      "api[0] (<id> on <node>) of agent stopped (namespace default); nothing takes its place: a system job gets another one there only when it is evaluated again
      Next: force_evaluate_job job_id=agent reschedule=true"
    `);
  });

  test("what finds no other place", async () => {
    const { ID } = await running("held");
    for (const name of ["client-1", "client-2", "client-3"]) session.demo.setEligibility(name, false);
    expect((await stop({ allocation_id: ID })).text).toMatchInlineSnapshot(`
      "api[0] (<id> on <node>) of held stopped (namespace default); not placed: 0 of 1 running
      Why: no node in datacenter * takes work: <node> is ineligible, <node> is ineligible and <node> is ineligible
      Next: let <node> take work again: set_node_eligibility node=<node> eligible=true"
    `);
  });

  test("without waiting", async () => {
    const { ID } = await running("api");
    expect((await stop({ allocation_id: ID, wait_seconds: 0 })).text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of api stopped (namespace default); not followed: evaluation <id>; get_job_status job_id=api says how it ends"`,
    );
  });
});

const slow = {
  ...{ Name: "server", Driver: "mock_driver", Config: { run_for: "1h", kill_after: "60s" } },
  ...{ Resources: { CPU: 20, MemoryMB: 16 }, KillTimeout: 90e9 },
};

test("the question says what takes its place", async () => {
  const asking = await demoSession({ confirm: "ask" });
  const [one] = await asking.nomad<AllocationStub[]>("GET", "/v1/job/web/allocations");
  const { text } = await asking.call("stop_allocation", { allocation_id: one?.ID });
  const plain = told(text.replace(asking.demo.address, "<address>").replace(/confirm=\S+/, "confirm=<code>"));
  expect(plain).toMatchInlineSnapshot(`
    "Not done yet: stop_allocation needs the consent of the person.
    Stop web[0] (<id> on <node>) of web
      allocation: <id> (web[0] on <node>; it is running and healthy)
      job: web (service, version 0)
      namespace: default
      cluster: <address>
      then: the scheduler places another one in its stead, maybe elsewhere
    Show this to the person. If they agree, call stop_allocation again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await asking.close();
});

test("refused, and nothing is sent: what there is not, what is too short, what is elsewhere", async () => {
  const [billing] = await session.nomad<AllocationStub[]>("GET", "/v1/job/billing/allocations?namespace=prod");
  const id = billing?.ID ?? "";
  expect((await stop({ allocation_id: "00000000" })).text).toMatchInlineSnapshot(
    `"There is no allocation that begins with <id>. It may be gone: Nomad forgets ended ones after a while. Nothing was changed."`,
  );
  expect((await stop({ allocation_id: id.slice(0, 7) })).text.replace(id.slice(0, 7), "<id>")).toMatchInlineSnapshot(
    `"<id> is too short for the id of the allocation that is to be changed: give 8 characters. Nothing was changed."`,
  );
  expect((await stop({ allocation_id: id, namespace: "default" })).text).toMatchInlineSnapshot(
    `"Allocation <id> of billing is in namespace prod, not in default. Nothing was changed."`,
  );
  expect((await stop({ allocation_id: "web" })).text).toMatchInlineSnapshot(
    `""web" is not an allocation id: those are hexadecimal, such as <id>. That is a job: get_job_status job_id=web. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  const before = await running("api");
  between("/stop", lost);
  const { text, isError } = await stop({ allocation_id: before.ID });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "PUT /v1/allocation/<id>/stop may have happened: its answer was lost (fetch failed)
    Looked at since: it is running and healthy.
    Next: get_allocation_status allocation_id=<id> says how it is"
  `);
  expect(session.changes()).toEqual([route(before)]);
});
