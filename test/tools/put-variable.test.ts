import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

interface Stored {
  readonly Items: Readonly<Record<string, string>>;
  readonly ModifyIndex: number;
}

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const path = "nomad/jobs/checkout";
const call = async (args: object, on = session) => await on.call("put_variable", { path, ...args });
const put = async (args: object) => {
  const { text, isError } = await call(args);
  expect(isError, text).toBe(false);
  return steady(text);
};
const refused = async (args: object) => {
  session.changes();
  const { text, isError } = await call(args);
  expect(isError, text).toBe(true);
  expect(session.changes()).toEqual([]);
  return text;
};
const stored = async (of = path) => (await session.nomad<Stored>("GET", `/v1/var/${of}`)).Items;
const write = async (Items: object, of = path) => await session.nomad("PUT", `/v1/var/${of}`, { Items });
/** A task whose template reads the variable. */
const reading = (id: string, more: object = {}, group: object = {}) => {
  const template = { DestPath: "local/x", EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .db_password }}{{ end }}` };
  const Tasks = [
    {
      ...{ Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, Resources: { CPU: 20, MemoryMB: 16 } },
      Templates: [{ ...template, ...more }],
    },
  ];
  return mockJob(id, {}, { Tasks, ...group });
};

test("what answers show in the place of a value is not stored as one, but where it is the value", async () => {
  expect(await refused({ set: { db_password: "[masked]", url: "postgres://app:[masked]@db/app" } })).toBe(
    `db_password and url: [masked] stands for a value that answers do not show, and that word would take its place. Nothing was changed.
Next: leave out of set what is to stay: keys that are not named are left as they are`,
  );
  await write({ redact: 'first\nas: "[masked]"\nlast' });
  await put({ set: { redact: 'first\nas: "[masked]"\nchanged' } });
  expect(await stored()).toEqual({ redact: 'first\nas: "[masked]"\nchanged' });
});

test("one key is changed, the others stay, and what restarts is said", async () => {
  await session.register(reading("shop", {}, { Count: 3 }));
  await session.register(reading("told", { ChangeMode: "signal", ChangeSignal: "SIGHUP" }));
  await session.register(reading("quiet", { ChangeMode: "noop" }));
  expect(await put({ set: { db_password: "made-up-4712", url: "db.internal" } })).toMatchInlineSnapshot(`
    "nomad/jobs/checkout (namespace default) stored: changed db_password; added url
    Untouched: db_user
    task server of shop (group api) restarts in 3 allocations within 5s and some seconds, without waiting for one another
    task server of told (group api) gets SIGHUP in 1 allocation within 5s and some seconds
    task server of quiet (group api) goes on in 1 allocation: its file is written anew, and nothing tells it
    Next: get_job_status job_id=shop shows how it is then"
  `);
  expect(await stored()).toEqual({ db_password: "made-up-4712", db_user: "checkout", url: "db.internal" });
  await session.clock.advance(15_000);
  const [shop] = await session.nomad<{ TaskStates: Record<string, { Restarts: number }> }[]>(
    "GET",
    "/v1/job/shop/allocations",
  );
  expect(shop?.TaskStates.server?.Restarts).toBe(1);
});

test("a new one: what waited for it starts by itself", async () => {
  await fetch(`${session.demo.address}/v1/var/${path}`, { method: "DELETE" });
  await session.register(reading("shop"));
  expect(await put({ set: { db_password: "made-up-4712" } })).toMatchInlineSnapshot(`
    "nomad/jobs/checkout (namespace default) made, with db_password
    task server of shop (group api) reads it: 1 allocation that waits for it starts by itself
    Next: get_job_status job_id=shop shows how it is then"
  `);
  await session.clock.advance(5_000);
  expect((await session.call("get_job_status", { job_id: "shop" })).text).toMatch(/1 of 1 (running|healthy)/);
});

test("keys are taken out, and a repeat changes nothing", async () => {
  expect(await put({ unset: ["db_user"], set: { db_password: "made-up-4711" } })).toMatchInlineSnapshot(`
    "nomad/jobs/checkout (namespace default) stored: removed db_user
    So already: db_password
    No template of a job in namespace default names it, so nothing restarts"
  `);
  expect(await stored()).toEqual({ db_password: "made-up-4711" });
  session.changes();
  expect(await put({ unset: ["db_user"], set: { db_password: "made-up-4711" } })).toMatchInlineSnapshot(
    `"nomad/jobs/checkout (namespace default) is so already: db_password and db_user. Nothing was changed"`,
  );
  expect(session.changes()).toEqual([]);
});

test("refused, with nothing sent", async () => {
  expect(await refused({})).toMatchInlineSnapshot(
    `"Say what is to be changed: set={"key":"value"}, unset=["key"]. Nothing was changed."`,
  );
  expect(await refused({ set: { a: "1" }, unset: ["a"] })).toMatchInlineSnapshot(
    `"a cannot be set and unset at once. Nothing was changed."`,
  );
  expect(await refused({ unset: ["db_user", "db_password"] })).toMatchInlineSnapshot(`
    "Nothing would be left of nomad/jobs/checkout, and Nomad keeps no variable without a key. Nothing was changed.
    Next: delete_variable path=nomad/jobs/checkout"
  `);
  expect(await refused({ path: "a b", set: { a: "1" } })).toMatchInlineSnapshot(
    `""a b" can be no path of a variable: letters, digits, - _ ~ and /, 128 characters at most, no / in front. Nothing was changed."`,
  );
  expect(await refused({ path: "nomad/jobs/checkuot", unset: ["a"] })).toMatchInlineSnapshot(
    `"There is no variable "nomad/jobs/checkuot" in namespace default. Nearest: nomad/jobs/checkout. Nothing was changed."`,
  );
  expect(await refused({ namespace: "*", set: { a: "1" } })).toMatchInlineSnapshot(
    `"A variable is in one namespace: name it with namespace=. Nothing was changed."`,
  );
  expect(await refused({ namespace: "nope", set: { a: "1" } })).toMatchInlineSnapshot(
    `"There is no namespace nope: there is default and prod. Nothing was changed."`,
  );
  expect(await refused({ set: { big: "x".repeat(65_530) } })).toMatchInlineSnapshot(
    `"nomad/jobs/checkout would have 65,571 bytes, and Nomad takes 65,536 in one variable. Nothing was changed."`,
  );
  // What Nomad itself refuses is told in its words.
  expect((await call({ path: "nomad/x", set: { a: "1" } })).text).toMatch(/only paths at "nomad\/jobs"/);
});

test("a lock is told, and its id is not", async () => {
  const { fetch } = globalThis;
  const Lock = { ID: "0f8b7c1e-made-up-lock", TTL: "15s", LockDelay: "15s" };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const response = await fetch(input, init);
    const at = String(input instanceof Request ? input.url : input);
    if (!at.includes("/v1/var/") || init?.method === "PUT") return response;
    return Response.json({ ...JSON.parse(await response.text()), Lock });
  });
  const text = await refused({ set: { a: "1" } });
  expect(text).toMatchInlineSnapshot(
    `"nomad/jobs/checkout is locked: only the process that holds the lock may change it, until it lets go or does not renew it for 15s. Nothing was changed."`,
  );
  expect(text).not.toContain(Lock.ID);
});

describe("somebody else is quicker", () => {
  /** Has something happen right before the change is sent. */
  function meanwhile(happens: () => Promise<unknown>): void {
    const { fetch } = globalThis;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (init?.method === "PUT" && String(input).includes("cas=")) {
        vi.restoreAllMocks();
        await happens();
      }
      return await fetch(input, init);
    });
  }

  test("and what they changed is said by its keys", async () => {
    meanwhile(() => write({ db_password: "other-made-up", db_host: "db" }));
    const { text, isError } = await call({ set: { db_user: "shop" } });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Somebody else changed 3 keys of nomad/jobs/checkout (db_password, db_user (gone) and db_host (new)) at this very moment. Nothing was changed.
      Next: call again"
    `);
    expect(await stored()).toEqual({ db_password: "other-made-up", db_host: "db" });
  });

  test("and deleted it, or made it", async () => {
    meanwhile(() => fetch(`${session.demo.address}/v1/var/${path}`, { method: "DELETE" }));
    expect((await call({ set: { db_user: "shop" } })).text).toMatchInlineSnapshot(`
      "Somebody else deleted nomad/jobs/checkout at this very moment. Nothing was changed.
      Next: call again"
    `);
    meanwhile(() => write({ db_host: "db" }));
    expect((await call({ set: { db_user: "shop" } })).text).toMatchInlineSnapshot(`
      "Somebody else made nomad/jobs/checkout with db_host at this very moment. Nothing was changed.
      Next: call again"
    `);
  });
});

describe("the answer is lost", () => {
  /** Loses the answer of a change, which Nomad has carried out; gives how often it was sent. */
  function losing(): () => number {
    const { fetch } = globalThis;
    let sent = 0;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== "PUT") return response;
      sent++;
      await response.arrayBuffer();
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      });
    });
    return () => sent;
  }

  test("it is sent once, and said that it may have happened and how to see", async () => {
    const sent = losing();
    const { text, isError } = await call({ set: { db_password: "made-up-4712" } });
    expect(isError).toBe(true);
    expect(sent()).toBe(1);
    expect(text).toMatchInlineSnapshot(`
      "PUT /v1/var/nomad%2Fjobs%2Fcheckout may have happened: its answer was lost (read ECONNRESET)
      Look before you repeat it: \`get_variable path=nomad/jobs/checkout\`."
    `);
    vi.restoreAllMocks();
    expect((await session.call("get_variable", { path })).text).toMatch(/^nomad\/jobs\/checkout .* changed just now/);
  });

  test("cancelled half-way: sent once, and what is known is said", async () => {
    const { fetch } = globalThis;
    const cancel = new AbortController();
    let sent = 0;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (init?.method !== "PUT") return await fetch(input, init);
      sent++;
      const answered = fetch(input, { ...init, signal: null });
      await answered;
      cancel.abort();
      init.signal?.throwIfAborted();
      return await answered;
    });
    const asked = session.client.callTool(
      { name: "put_variable", arguments: { path, set: { db_password: "made-up-4712" } } },
      undefined,
      { signal: cancel.signal },
    );
    await expect(asked).rejects.toThrow();
    expect(sent).toBe(1);
    expect(await stored()).toMatchObject({ db_password: "made-up-4712" });
  });
});

test("values are in no answer, question or log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nomad-mcp-variable-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const auditLog = join(folder, "audit.log");
  const questions: string[] = [];
  const asking = await demoSession({ confirm: "ask", auditLog }, (question) => {
    questions.push(question);
    return "accept";
  });
  onTestFinished(() => asking.close());
  const set = { motd: "hello you", db_user: "carla", pin: "4711" };
  const texts: string[] = [];
  for (const args of [
    { set },
    { set: JSON.stringify({ ...set, db_user: "doris" }) },
    { set: "carla 4711" },
    { value: "hello you" },
  ]) {
    texts.push((await call(args, asking)).text);
  }
  expect(questions).toHaveLength(2);
  expect(questions[0]?.replace(/127\.0\.0\.1:\d+/, "nomad:4646")).toMatchInlineSnapshot(`
    "In nomad/jobs/checkout, change db_user, add motd and pin
      variable: nomad/jobs/checkout (2 keys)
      namespace: default
      cluster: http://nomad:4646
      read by: no template of a job in namespace default names it, so nothing restarts

    Do this?"
  `);
  const log = readFileSync(auditLog, "utf8");
  expect(log).toContain('"set":{"motd":"[hidden]","db_user":"[hidden]","pin":"[hidden]"}');
  for (const told of [...texts, ...questions, log]) expect(told).not.toMatch(/hello you|carla|doris|4711/);
});
