import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const path = "nomad/jobs/checkout";
const remove = async (args: object = {}) => await session.call("delete_variable", { path, ...args });
const status = async () => (await fetch(`${session.demo.address}/v1/var/${path}`)).status;

test("it is gone, and who reads it is said; once", async () => {
  const Templates = [{ DestPath: "local/x", EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .db_user }}{{ end }}` }];
  const task = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h" },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  await session.register(mockJob("shop", {}, { Tasks: [{ ...task, Templates }] }));
  const { text, isError } = await remove();
  expect(isError, text).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "nomad/jobs/checkout (namespace default) deleted, with 2 keys: db_password and db_user
    Read by task server of shop: what runs goes on with what it has; what starts from now on waits for it
    Next: get_job_status job_id=shop shows how it is"
  `);
  expect(await status()).toBe(404);
  await session.clock.advance(15_000);
  expect((await session.call("get_job_status", { job_id: "shop" })).text).toMatch(/1 of 1 healthy/);
  session.changes();
  const again = await remove();
  expect(again).toMatchObject({ isError: true });
  expect(again.text).toMatchInlineSnapshot(
    `"There is no variable "nomad/jobs/checkout" in namespace default. Nearest: nomad/jobs/web. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});

test("never by a guess", async () => {
  for (const args of [{ path: "nomad/jobs/check" }, { namespace: "prod" }, { namespace: "*" }]) {
    const { text, isError } = await remove(args);
    expect(isError).toBe(true);
    expect(text).toMatch(/Nothing was changed\.$/);
  }
  expect(session.changes()).toEqual([]);
});

test("not where somebody else changed it meanwhile", async () => {
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (init?.method === "DELETE") {
      vi.restoreAllMocks();
      await session.nomad("PUT", `/v1/var/${path}`, { Items: { db_user: "checkout", more: "x" } });
    }
    return await fetch(input, init);
  });
  const { text, isError } = await remove();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "Somebody else changed 2 keys of nomad/jobs/checkout (db_password (gone) and more (new)) at this very moment. Nothing was changed.
    Next: call again"
  `);
  expect(await status()).toBe(200);
});
