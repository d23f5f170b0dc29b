import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
  await session.register(mockJob("shop", {}, { Services: [{ Name: "pay", Provider: "nomad" }] }));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const told = (text: string, on = session) =>
  text
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>")
    .replaceAll(/_nomad-task-\S+/g, "<registration>")
    .replaceAll(on.demo.address, "<address>")
    .replace(/confirm=\S+/, "confirm=<code>");
const call = async (args: object = {}, on = session) => {
  const { text, isError } = await on.call("delete_service", { service: "pay", ...args });
  return { isError, text: told(text, on) };
};
const registered = async () => await session.nomad<{ AllocID: string }[]>("GET", "/v1/service/pay");
const refused = async (args: object = {}) => {
  session.changes();
  const { text, isError } = await call(args);
  expect(isError, text).toBe(true);
  expect(session.changes()).toEqual([]);
  return text;
};

test("what a client left behind is deleted; what runs stays registered", async () => {
  const stranded = session.demo.addStranded("shop");
  session.changes();
  const { text, isError } = await call();
  expect(isError, text).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"The registration of pay by allocation <id> of shop is deleted (stopped while its client was out of contact); 1 of it is left"`,
  );
  expect(session.changes()).toHaveLength(1);
  expect((await registered()).map(({ AllocID }) => AllocID)).toEqual([expect.not.stringContaining(stranded)]);
});

test("the question says what it is of, and why nothing answers there", async () => {
  const asking = await demoSession({ confirm: "ask" });
  await asking.register(mockJob("shop", {}, { Services: [{ Name: "pay", Provider: "nomad" }] }));
  asking.demo.addStranded("shop");
  expect((await call({}, asking)).text).toMatchInlineSnapshot(`
    "Not done yet: delete_service needs the consent of the person.
    Delete a registration of service pay at which nothing answers: stopped while its client was out of contact
      service: pay (without a port, allocation <id> of shop)
      namespace: default
      cluster: <address>
    Show this to the person. If they agree, call delete_service again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await asking.close();
});

describe("refused", () => {
  test("one whose allocation runs, and one that there is not", async () => {
    expect(await refused()).toMatchInlineSnapshot(`
      "pay is registered by 1 allocation of shop that lives: its client would not register again what is deleted. Nothing was changed.
      Next: list_services name=pay"
    `);
    expect(await refused({ service: "none" })).toMatchInlineSnapshot(`
      "No service "none" is registered in namespace default. Nothing was changed.
      Next: list_services"
    `);
    expect(await refused({ allocation_id: "4f2a9c31" })).toMatchInlineSnapshot(`
      "No service "pay" of allocation <id> is registered in namespace default. Nothing was changed.
      Next: list_services"
    `);
    expect(await refused({ allocation_id: "4f" })).toMatchInlineSnapshot(
      `"4f is too short for an allocation's id: give 8 characters. Nothing was changed."`,
    );
  });

  test("one of several that are left over, until it is named", async () => {
    const [first, second] = [session.demo.addStranded("shop"), session.demo.addStranded("shop")];
    expect(await refused()).toMatchInlineSnapshot(
      `"2 registrations of pay are left over: <id> (stopped while its client was out of contact) and <id> (stopped while its client was out of contact). Say which with allocation_id=. Nothing was changed."`,
    );
    expect((await call({ allocation_id: first.slice(0, 8) })).isError).toBe(false);
    expect((await registered()).map(({ AllocID }) => AllocID)).toContain(second);
  });
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  session.demo.addStranded("shop");
  between("/v1/service/", lost);
  session.changes();
  const { text, isError } = await call();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "DELETE /v1/service/pay/<registration> may have happened: its answer was lost (fetch failed)
    Looked at since: it is gone.
    Next: list_services name=pay says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
