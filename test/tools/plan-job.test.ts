import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const plan = async (job: object, args: object = {}) => {
  session.changes();
  const { text } = await session.call("plan_job", { job_file: JSON.stringify(job), ...args });
  expect(session.changes()).toEqual([]);
  return text.replaceAll(/check_index=[1-9]\d*/g, "check_index=<index>");
};

const task = (env: object, more: object = {}) => ({
  Name: "server",
  Driver: "mock_driver",
  Config: { run_for: "1h" },
  Resources: { CPU: 20, MemoryMB: 16 },
  Env: env,
  ...more,
});
const quick = { Update: { MaxParallel: 1, MinHealthyTime: 1e9 } };
const shop = (env: object, more: object = {}, job: object = {}) =>
  mockJob("shop", {}, { Count: 3, ...quick, Tasks: [task(env)], ...more }, job);

describe("a service", () => {
  test("that is new", async () => {
    expect(await plan(shop({ A: "1" }))).toMatchInlineSnapshot(`
      "shop (namespace default): would be created: 3 new
      Next: submit_job_file check_index=0 with the same arguments does this, unless the job changes first"
    `);
  });

  test("that is as the file has it: one line", async () => {
    await session.register(shop({ A: "1" }));
    expect(await plan(shop({ A: "1" }))).toMatchInlineSnapshot(
      `"shop (namespace default): nothing would change; version 0 is as the file has it"`,
    );
  });

  test("that is replaced: all of it, in which order, and what Nomad's count hides", async () => {
    await session.register(shop({ DB_PASSWORD: "hunter2", LEVEL: "info" }));
    expect(await plan(shop({ DB_PASSWORD: "hunter3", LEVEL: "debug" }))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 3 replaced
      Order: 3 are replaced 1 at a time, each healthy for 1s before the next; without progress for 10m it stops half-way (auto_revert is off)
      Changes:
        group api > task server > env DB_PASSWORD: [masked] -> [masked]
        group api > task server > env LEVEL: info -> debug
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
    expect(await plan(shop({ DB_PASSWORD: "hunter3", LEVEL: "info" }, { Count: 5 }))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 2 new and 3 replaced
      Order: 2 new first, then 3 are replaced 1 at a time, each healthy for 1s before the next; without progress for 10m it stops half-way (auto_revert is off)
      (nomad job plan counts its first step only, and so 3 of api as ignored.)
      Changes:
        group api > count: 3 -> 5
        group api > task server > env DB_PASSWORD: [masked] -> [masked]
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
  });

  test("that is updated in place, also in what the diff leaves out", async () => {
    await session.register(shop({ A: "1" }));
    const tagged = { Services: [{ Name: "shop", Provider: "nomad", Tags: ["v2"] }], ShutdownDelay: 1e9 };
    expect(await plan(shop({ A: "1" }, tagged))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 3 updated in place
      Changes:
        group api > shutdown_delay = 1s (added)
        group api > constraint \${attr.nomad.service_discovery} = true (added)
        group api > service shop added: provider=nomad and tags=v2
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
    const spread = { Spreads: [{ Attribute: `\${node.datacenter}`, Weight: 100 }] };
    expect(await plan(shop({ A: "1" }, {}, spread))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 3 updated in place
      Changes:
        spread changed
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
  });

  test("of several groups, one of which is new and one is gone", async () => {
    const group = (name: string) => ({ Name: name, Count: 2, ...quick, Tasks: [task({})] });
    await session.register(mockJob("shop", {}, {}, { TaskGroups: [group("api"), group("worker")] }));
    expect(await plan(mockJob("shop", {}, {}, { TaskGroups: [group("api"), group("mailer")] }))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 2 new, 2 updated in place and 2 stopped
      group   new  updated in place  stopped
      api          2
      mailer  2
      worker                         2
      Changes:
        group mailer added: count=2 and task server
        group worker removed: count=2 and task server
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
  });

  test("that would not fit, and goes on meanwhile", async () => {
    await session.register(shop({ A: "1" }));
    const huge = { Tasks: [task({ A: "1" }, { Resources: { CPU: 20, MemoryMB: 900_000 } })] };
    expect(await plan(shop({ A: "1" }, huge))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 1: 3 replaced; nothing of that would fit now
      Order: 3 are replaced 1 at a time, each healthy for 1s before the next; without progress for 10m it stops half-way (auto_revert is off)
      Changes:
        group api > task server > resources > memory: 16 -> 900000
      Would not fit: 1, since no node has 900,000 MB of memory for task server; 3 of 3 nodes are too small, the largest has 8,192 MB
      What cannot be replaced goes on running as it is.
      Next: ask for less than 8,192 MB, or add a larger node, or submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
  });

  test("that was stopped", async () => {
    await session.register(shop({ A: "1" }));
    await session.nomad("DELETE", "/v1/job/shop");
    await session.clock.advance(15_000);
    expect(await plan(shop({ A: "1" }))).toMatchInlineSnapshot(`
      "shop (namespace default): would become version 2, started again: 3 new
      Changes:
        stop: true -> false
      Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
    `);
  });
});

test("a system job: what is there is not counted as new", async () => {
  const agent = (env: object) => mockJob("agent", {}, { Count: 1, Tasks: [task(env)] }, { Type: "system" });
  await session.register(agent({ A: "1" }));
  expect(await plan(agent({ A: "1" }))).toMatchInlineSnapshot(
    `"agent (namespace default): nothing would change; version 0 is as the file has it"`,
  );
  expect(await plan(agent({ A: "2" }))).toMatchInlineSnapshot(`
    "agent (namespace default): would become version 1: 3 replaced
    Order: 3 are replaced 1 at a time, each healthy for 10s before the next; without progress for 10m it stops half-way (auto_revert is off)
    Changes:
      group api > task server > env A: 1 -> 2
    Next: submit_job_file check_index=<index> with the same arguments does this, unless the job changes first"
  `);
});

test("a periodic job starts nothing by that", async () => {
  const nightly = mockJob(
    "backup",
    {},
    {},
    { Type: "batch", Periodic: { Enabled: true, Specs: ["0 3 * * *"], SpecType: "cron" } },
  );
  const text = await plan(nightly);
  expect(text.replace(/\d{4}-\S+, in \S+/, "<time>")).toMatchInlineSnapshot(`
    "backup (namespace default): would be created; it is periodic, so nothing starts now
    Next run: <time>
    Next: submit_job_file check_index=0 with the same arguments does this, unless the job changes first"
  `);
});

test("the index binds the submission: what happened since is told", async () => {
  await session.register(shop({ A: "1" }));
  const file = JSON.stringify(shop({ A: "2" }));
  const { text } = await session.call("plan_job", { job_file: file });
  const check_index = Number(/check_index=(\d+)/.exec(text)?.[1]);
  await session.register(shop({ A: "1" }, { Count: 4 }), 200);
  const refused = await session.call("submit_job_file", { job_file: file, check_index });
  expect(refused.isError).toBe(true);
  expect(refused.text.replaceAll(/(index[ =]|index is )\d+/g, "$1<n>")).toMatchInlineSnapshot(`
    "shop is not as it was at check_index=<n>: version 1 was submitted 3m ago; its index is <n> now. Nothing was submitted.
    Version 1, 3m ago:
      group api > count: 3 -> 4
    Next: plan_job with the same file says what it would do now, and the index of now"
  `);
  const again = await session.call("plan_job", { job_file: file });
  const submitted = await session.call("submit_job_file", {
    job_file: file,
    check_index: Number(/check_index=(\d+)/.exec(again.text)?.[1]),
    wait_seconds: 0,
  });
  expect(submitted.text).toMatch(/^shop updated to version 2 /);
});

describe("what create_job would create", () => {
  const web = { job_id: "web", docker_image: "nginx:1.29", ports: [{ Label: "http", To: 80 }] };
  const ask = async (args: object) => (await session.call("plan_job", { ...args })).text;

  test("and whether it would fit", async () => {
    const new_job = { ...web, job_id: "fresh", count: 2, memory: 16_000 };
    expect(await ask({ new_job })).toMatchInlineSnapshot(`
      "fresh (namespace default): would be created: 2 new; nothing of that would fit now
      Would not fit: 2, since 2 of 3 nodes do not have 16,000 MB of memory for task fresh; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      Next: ask for less than 8,192 MB, or add a larger node, or create_job with the same arguments creates it"
    `);
  });

  test("never over a job that is there, and never beside a file", async () => {
    await session.register(shop({ A: "1" }));
    expect(await ask({ new_job: { ...web, job_id: "shop" } })).toMatchInlineSnapshot(`
      "There is a job shop already (version 0, namespace default), and create_job replaces none. Nothing was changed.
      Next: submit_job_file changes it"
    `);
    expect(await ask({ new_job: web, job_file: "job {}" })).toMatchInlineSnapshot(
      `"plan_job needs a job_file, a file of the library or a new_job, and one of them."`,
    );
    expect(await ask({})).toMatchInlineSnapshot(
      `"plan_job needs a job_file, a file of the library or a new_job, and one of them."`,
    );
    expect(await ask({ new_job: { ...web, image: "nginx", count: "two" } })).toMatchInlineSnapshot(`
      "There is no argument "image".
      count: Invalid input: expected number, received string.
      Nothing was submitted."
    `);
  });
});

describe("refused", () => {
  test("what Nomad would not take, also where a plan alone would", async () => {
    await session.register(shop({ A: "1" }));
    expect(await plan(mockJob("shop", {}, {}, { Type: "batch" }))).toMatchInlineSnapshot(`
      "Nomad does not accept job shop. Nothing was submitted.
        cannot update job from type "service" to "batch" (remove the job first, or give this one another id)"
    `);
    expect(await plan({ ID: "shop" })).toMatchInlineSnapshot(`
      "Nomad does not accept job shop. Nothing was submitted.
        Missing job task groups"
    `);
    expect(await plan(shop({}, {}, { Namespace: "nowhere" }))).toMatchInlineSnapshot(`
      "There is no namespace nowhere; there is default and prod. Nothing was submitted.
      Next: nomad namespace apply nowhere creates it"
    `);
    expect(await plan(shop({}, {}, { Namespace: "prod" }), { namespace: "default" })).toMatchInlineSnapshot(
      `"The job file says namespace prod, the call says namespace=default: leave the argument out or change the file. Nothing was submitted."`,
    );
  });

  test("what cannot be parsed, with its place", async () => {
    const job_file = 'job "x" {\n  group "g" {\n    tusk "t" {}\n  }\n}\n';
    const { text, isError } = await session.call("plan_job", { job_file });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Nomad's parser refuses the job file. Nothing was submitted.
      line 3, column 5: Unsupported block type; Blocks of type "tusk" are not expected here. Did you mean "task"?
        3: tusk "t" {}"
    `);
  });
});
