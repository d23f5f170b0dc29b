import { afterEach, expect, test } from "vitest";
import { openSession } from "../../src/session.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { settingsWith } from "../support/session.ts";

let session: DemoSession;
afterEach(() => session.close());

const path = "nomad/jobs/checkout";
const get = async (args: object = { path }) => {
  const { text, isError } = await session.call("get_variable", { ...args });
  return `${isError ? "refused: " : ""}${steady(text)}`;
};
const reading = (id: string) => {
  const task = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h" },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  const Templates = [{ DestPath: "local/x", EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .db_user }}{{ end }}` }];
  return mockJob(id, {}, { Tasks: [{ ...task, Templates }] });
};

test("keys, age and who reads it; no values", async () => {
  session = await demoSession();
  await session.register(reading("shop"));
  expect(await get()).toMatchInlineSnapshot(`
    "nomad/jobs/checkout (namespace default): 2 keys (db_password, db_user), made <age>
    Values are not shown: NOMAD_MCP_SHOW_VARIABLES decides that
    Read by task server of shop (change_mode restart)"
  `);
});

test("of another namespace, and one that there is not", async () => {
  session = await demoSession();
  expect(await get({ path: "nomad/jobs/billing" })).toMatchInlineSnapshot(`
    "(nomad/jobs/billing is in namespace prod, not in default)
    nomad/jobs/billing (namespace prod): 2 keys (api_key, endpoint), made <age>
    Values are not shown: NOMAD_MCP_SHOW_VARIABLES decides that
    No template of a job in its namespace names it"
  `);
  expect(await get({ path: "nomad/jobs/checkuot" })).toMatchInlineSnapshot(
    `"refused: There is no variable "nomad/jobs/checkuot" in namespace default. Nearest: nomad/jobs/checkout."`,
  );
  expect(await get({ path: "mail" })).toMatchInlineSnapshot(
    `"refused: There is no variable "mail" in namespace default. Nearest: shop/mail."`,
  );
  expect(await get({ path: "no spaces" })).toMatchInlineSnapshot(
    `"refused: "no spaces" can be no path of a variable: letters, digits, - _ ~ and /, 128 characters at most, no / in front."`,
  );
});

test("values where the server shows them, those that look like secrets too, and one line each", async () => {
  session = await demoSession({ showVariables: true });
  const Items = { password: "hunter2-made-up", banner: "two\nlines" };
  await session.nomad("PUT", "/v1/var/shop/all", { Items });
  expect(await get({ path: "shop/all" })).toMatchInlineSnapshot(`
    "shop/all (namespace default): 2 keys, made <age>

    key       value
    banner    two\\nlines
    password  hunter2-made-up

    No template of a job in its namespace names it"
  `);
  const own = await openSession(settingsWith({ address: session.demo.address, showVariables: true }));
  const { data } = await own.toolbox.tell("get_variable", { path: "shop/all" }, { signal: AbortSignal.timeout(9_000) });
  expect(data?.()).toMatchObject({ items: { password: "hunter2-made-up" } });
  await own.release();
});
