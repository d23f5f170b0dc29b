import { afterAll, describe, expect, test } from "vitest";
import { newKey, openKeys } from "../../src/access/keys.ts";
import { readRate } from "../../src/access/rate.ts";
import { readRoles } from "../../src/access/roles.ts";
import { openStateKeys } from "../../src/access/state-keys.ts";
import { tomlParser } from "../../src/settings/toml.ts";
import { makeFolder } from "../support/authority.ts";

const folder = makeFolder();
afterAll(() => folder.remove());
const parse = await tomlParser();
const source = { place: (keys: readonly string[]) => `config.toml (${keys.join(".")})` };
const limits = {
  readOnly: false,
  confirm: "host" as const,
  showVariables: false,
  clusters: [{ name: "prod", namespaces: ["a", "b"] }],
};
const people = readRoles({ people: { token: "login", groups: ["*"] } }, source, limits);
const viewer = readRoles({ viewer: { read_only: true } }, source, limits);

/** What is said instead of going on. */
function said(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder.path, "") : String(error);
  }
  throw new Error("it is taken");
}

describe("keys", () => {
  const anna = newKey();
  const entry = (more = "") => `[keys.anna]\nhash = "${anna.hash}"\n${more}`;
  const open = (text: string, roles: typeof viewer = new Map(), clock = Date.now) =>
    openKeys(
      { file: folder.write("keys.toml", text), setting: "NOMAD_MCP_KEYS_FILE", parse, roles },
      { every: 0, clock },
    );

  test("a key has 256 random bits, and its file only the hash", () => {
    expect(anna.key).toMatch(/^nmcp_[A-Za-z0-9_-]{43}$/);
    expect(anna.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(newKey().key).not.toBe(anna.key);
  });

  test("who holds it is known by name and role; nobody else is", () => {
    const keys = open(entry('role = "viewer"'), viewer);
    expect(keys.find(anna.key)).toMatchObject({ name: "anna", auth: "key", role: { name: "viewer", readOnly: true } });
    for (const wrong of ["", "nmcp_", anna.key.slice(0, -1), `${anna.key}x`, anna.hash, newKey().key]) {
      expect(keys.find(wrong)).toBeUndefined();
    }
  });

  test("a key ends on its day, and one that was taken out at once", () => {
    let now = Date.UTC(2027, 1, 28, 23, 59, 59);
    const keys = open(entry("expires = 2027-03-01"), new Map(), () => now);
    expect(keys.find(anna.key)?.name).toBe("anna");
    now += 1_000;
    expect(keys.find(anna.key)).toBeUndefined();
    now -= 1_000;
    folder.replace("keys.toml", `[keys.ben]\nhash = "${newKey().hash}"\n`);
    expect(keys.find(anna.key)).toBeUndefined();
  });

  test("a file that is broken while the server runs leaves the keys as they were, and says why", () => {
    const keys = open(entry());
    folder.replace("keys.toml", "[keys.anna]\nhash = ");
    expect(keys.find(anna.key)?.name).toBe("anna");
    expect(keys.trouble()).toMatch(/this is not TOML/);
    folder.replace("keys.toml", entry());
    expect(keys.find(anna.key)?.name).toBe("anna");
    expect(keys.trouble()).toBeUndefined();
  });

  test.each<[string, string, typeof viewer]>([
    ["the key itself in place of its hash", `[keys.anna]\nhash = "${anna.key}"`, new Map()],
    ["no role where there are some", entry(), viewer],
    ["a role that there is not", entry('role = "viewr"'), viewer],
    ["a role where there are none", entry('role = "viewer"'), new Map()],
    ["a word that is no key of it", entry('rol = "viewer"'), viewer],
    ["a role of those who are signed in at Nomad as themselves", entry('role = "people"'), people],
    ["a day that is none", entry('expires = "soon"'), new Map()],
    ["two people with one key", `${entry()}[keys.ben]\nhash = "${anna.hash}"`, new Map()],
    ["nobody", "", new Map()],
    ["no tables", 'keys = "x"', new Map()],
    ["a name that would be another line of the log", `[keys."a\\nb"]\nhash = "${anna.hash}"`, new Map()],
  ])("refused: %s", (_, text, roles) => {
    const line = said(() => open(text, roles));
    expect(line).not.toContain(anna.key);
    expect(line).not.toContain("\n");
    expect(line).toMatchSnapshot();
  });
});

describe("roles", () => {
  test("what is not said is as the server has it", () => {
    expect(readRoles({ all: {} }, source, limits).get("all")).toMatchObject({ name: "all", readOnly: false });
    expect(readRoles(undefined, source, limits).size).toBe(0);
  });

  test.each<[string, object, object?]>([
    ["a word that is no key of it", { viewer: { toolset: ["jobs"] } }],
    ["another kind of value", { viewer: { read_only: "yes" } }],
    ["a list of nothing", { viewer: { namespaces: [] } }],
    ["wider: may change, where the server may not", { ops: { read_only: false } }, { readOnly: true }],
    ["wider: a namespace", { ops: { namespaces: ["a", "c"] } }],
    ["wider: a cluster", { ops: { clusters: ["staging"] } }],
    ["wider: values of variables, where the server shows none", { ops: { show_variables: true } }],
    ["wider: no consent, where the server asks", { ops: { confirm: "host" } }, { confirm: "ask" }],
    ["a rate that is none", { ops: { rate: "many" } }],
    ["a token that is none of the two", { ops: { token: "own", groups: ["ops"] } }],
    ["a login of nobody", { ops: { token: "login" } }],
    ["a login of jobs", { ops: { token: "login", groups: ["ops"], jobs: ["default/ci"] } }],
    ["a login of machines", { ops: { token: "login", groups: ["ops"], jobs: ["a/b"], certificates: ["ci"] } }],
  ])("refused: %s", (_, section, more = {}) => {
    expect(said(() => readRoles(section, source, { ...limits, ...more }))).toMatchSnapshot();
  });
});

test("rates", () => {
  expect([readRate("120/min", "x"), readRate(" 5 / s ", "x"), readRate("1/h", "x")]).toEqual([
    { points: 120, duration: 60 },
    { points: 5, duration: 1 },
    { points: 1, duration: 3_600 },
  ]);
  for (const text of ["", "0/min", "-1/s", "1/day", "1.5/s", "1/min/s"])
    expect(() => readRate(text, "NOMAD_MCP_RATE")).toThrow("is no rate");
});

test("state keys: one line or two, none short; read again when they change", () => {
  const long = "x".repeat(32);
  const file = folder.write("state", `${long}\n`);
  const keys = openStateKeys(file, "NOMAD_MCP_STATE_KEY_FILE", { every: 0 });
  expect(keys().length).toBe(1);
  folder.replace("state", `${"y".repeat(40)}\n${long}\n`);
  expect(keys().length).toBe(2);
  for (const text of ["", "short\n", `${long}\n${long}\n${long}\n`]) {
    const file = folder.write("wrong", text);
    expect(() => openStateKeys(file, "NOMAD_MCP_STATE_KEY_FILE")).toThrow("openssl rand -base64 48");
  }
});
