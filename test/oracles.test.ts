import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "./support/demo-session.ts";

// What a caller may compare with is compared with what answers show, so that no masked value can be asked for.

const password = "hunter2-Zebra-Quartz";

let session: DemoSession;
beforeAll(async () => {
  session = await demoSession();
  const task = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h", stdout_string: `ready\nDB_PASSWORD=${password}\nDB_HOST=db.internal\n` },
    Env: { API_TOKEN: "a8f5-Mango-Orbit-71" },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  await session.register(mockJob("shop", {}, { Tasks: [task] }, { Meta: { DB_PASSWORD: password } }));
  const pulled = { image: `https://ci:${password}@registry.internal/shop:1`, command: `login --password=${password}` };
  const vault = { ...task, Config: { ...task.Config, ...pulled } };
  await session.register(mockJob("vault-shop", {}, { Tasks: [vault] }));
});
afterAll(() => session.close());

const ask = async (name: string, args: object) => (await session.call(name, { ...args })).text;

describe("a filter", () => {
  test.each([
    ['ID == "shop" and Meta.DB_PASSWORD matches "^h"', "Meta.DB_PASSWORD"],
    ['ID == "shop" and (any TaskGroups as g { any g.Tasks as t { t.Env.API_TOKEN matches "^a" } })', "TaskGroups"],
    ['"/Meta/DB_PASSWORD" matches "^h"', "Meta.DB_PASSWORD"],
    ['"DB_PASSWORD" in Meta', "Meta"],
    ['Meta["DB_PASSWORD"] == "x"', "Meta.DB_PASSWORD"],
    ["Payload is empty", "Payload"],
    ["not NomadTokenID == `x`", "NomadTokenID"],
  ])("%s is refused, with what may be named", async (filter, field) => {
    const before = session.demo.requests.length;
    expect(await ask("list_nomad_jobs", { filter })).toBe(
      `A filter may not look at ${field}: by that, values which are hidden in answers could be found out. It may name ID, Name, Namespace, ParentID, Type, Status, StatusDescription, Stop, Stable, Priority, Version, Region, NodePool, Datacenters, AllAtOnce, Dispatched, Periodic, ParameterizedJob, SubmitTime, CreateIndex, ModifyIndex and JobModifyIndex.`,
    );
    expect(session.demo.requests.length).toBe(before);
  });

  test.each([
    ['Type == "service" and Priority == 50 and ID matches "^sh"'],
    ['ID == shop and "*" in Datacenters and Periodic is nil and Stop != true'],
  ])("%s finds the job", async (filter) => {
    expect(await ask("list_nomad_jobs", { filter })).toMatch(/^1 job in namespace default\n\n.*\nshop /s);
  });
});

describe("a line of a log", () => {
  test("is found by what of it is shown", async () => {
    expect(await ask("get_job_logs", { job_id: "shop", contains: "db_password=[masked" })).toContain(
      "stdout, 1 line with",
    );
    expect(await ask("get_job_logs", { job_id: "shop", contains: "DB_HOST" })).toContain("| DB_HOST=db.internal");
  });

  test("is not found by what is masked in it", async () => {
    for (let length = 1; length < password.length; length++) {
      const contains = `DB_PASSWORD=${password.slice(0, length)}`;
      expect(await ask("get_job_logs", { job_id: "shop", contains })).toContain("stdout: no line with");
    }
  });
});

describe("a search", () => {
  test.each([password.slice(0, 7), "Zebra-", `ci:${password.slice(0, 3)}`, "a8f5-Mango", "--password="])(
    "for %s tells of no job that holds it where it is masked or among other words",
    async (text) => {
      for (const limit of [1, 10]) expect(await ask("search_nomad", { text, limit })).toMatch(/^Nothing found for /);
    },
  );
});

describe("several namespaces that may be touched", () => {
  let gated: DemoSession;
  beforeAll(async () => {
    gated = await demoSession({ namespaces: ["prod", "dev"], namespace: "prod" });
    for (const id of ["a-1", "z-1"]) await gated.register(mockJob(id, {}, {}, { Namespace: "prod" }), 1);
    await gated.register(mockJob("hidden-1"), 1);
  });
  afterAll(() => gated.close());

  test("pages name nothing of others, and more follows only where it does", async () => {
    const shown: string[] = [];
    let cursor: string | undefined;
    do {
      const { text } = await gated.call("list_nomad_jobs", { namespace: "*", limit: 1, ...(cursor && { cursor }) });
      expect(text).not.toMatch(/default|hidden/);
      shown.push(/\n(\S+) +prod /.exec(text)?.[1] ?? text);
      cursor = /cursor=(\S+)/.exec(text)?.[1];
      expect(text.includes("more follow")).toBe(cursor !== undefined);
    } while (cursor !== undefined && shown.length < 9);
    expect(shown).toEqual(["a-1", "billing", "z-1"]);
  });

  test.each(['ID matches "^h")) or ((ID == "x"', 'Namespace == "default" and Meta.x matches "^a"'])(
    "%s is refused",
    async (filter) => {
      expect((await gated.call("list_nomad_jobs", { namespace: "*", filter })).isError).toBe(true);
    },
  );

  test("an expression about another one finds nothing", async () => {
    const filter = 'Namespace == "default" or ID == "hidden-1"';
    const { text } = await gated.call("list_nomad_jobs", { namespace: "*", filter });
    expect(text).toMatchInlineSnapshot(`"No jobs that fit in any namespace."`);
  });
});
