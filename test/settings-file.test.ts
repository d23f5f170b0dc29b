import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Refusal } from "../src/api/errors/refusal.ts";
import { readFile, usualPlace } from "../src/settings/file.ts";
import { loadSettings } from "../src/settings/settings.ts";
import { settingsTable, tomlKey } from "../src/settings/table.ts";

let directory: string;
let file: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "nomad-mcp-settings-"));
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  file = join(directory, "config.toml");
});

async function load(text: string, argv: string[] = [], env: Record<string, string> = {}) {
  writeFileSync(file, text, { mode: 0o600 });
  return await loadSettings([`--config=${file}`, ...argv], env);
}

/** What a start with this file says instead of starting; `FILE` in place of its path. */
async function refused(text: string, argv: string[] = [], env: Record<string, string> = {}): Promise<string> {
  try {
    await load(text, argv, env);
  } catch (error) {
    if (error instanceof Refusal) return error.message.replaceAll(file, "FILE");
    throw error;
  }
  throw new Error("it starts");
}

const two = `
cluster = "prod"

[clusters.staging]
address = "http://staging.test:4646"
token = "3f6c1a52-0000-4000-8000-000000000001"

[clusters.prod]
address = "https://prod.test:4646"
token_file = "/run/prod.token"
namespace = "shop"
read_only = true
`;

describe("one cluster", () => {
  test("its settings stand in the file itself; the environment wins, and a flag before it", async () => {
    const text = 'address = "http://file.test:1"\nregion = "file"\nread_only = true\ntoolsets = ["jobs"]\n';
    const env = { NOMAD_ADDR: "http://env.test:2", NOMAD_REGION: "env" };
    expect((await load(text)).settings).toMatchObject({
      ...{ readOnly: true, toolsets: ["jobs"] },
      clusters: [{ name: "default", address: "http://file.test:1", region: "file", readOnly: true }],
    });
    const { settings, origins } = await load(text, ["--region=flag"], env);
    expect(settings.clusters[0]).toMatchObject({ address: "http://env.test:2", region: "flag" });
    expect(origins.map(({ setting, value, from }) => [setting.key, value, from.replace(file, "FILE")])).toEqual([
      ["toolsets", "jobs", "FILE"],
      ["config", file, "--config"],
      ["address", "http://env.test:2", "NOMAD_ADDR"],
      ["region", "flag", "--region"],
      ["readOnly", "true", "FILE"],
    ]);
  });

  test("a table of its own names it, and the environment still wins", async () => {
    const { settings } = await load('[clusters.home]\naddress = "http://a.test"\n', [], { NOMAD_TOKEN: "abc" });
    expect(settings.clusters).toMatchObject([{ name: "home", address: "http://a.test", token: "abc" }]);
  });
});

describe("several clusters", () => {
  test("the default one comes first, the others as they stand there", async () => {
    const { settings } = await load(two);
    expect(settings.clusters.map(({ name }) => name)).toEqual(["prod", "staging"]);
    expect(settings).toMatchObject({
      readOnly: false,
      clusters: [
        { address: "https://prod.test:4646", tokenFile: "/run/prod.token", namespace: "shop", readOnly: true },
        { address: "http://staging.test:4646", namespace: "default", readOnly: false },
      ],
    });
    expect((await load(two, ["--cluster=staging"])).settings.clusters[0].name).toBe("staging");
  });

  test("no variable that is meant for one of them reaches another, and that is said", async () => {
    const env = { NOMAD_TOKEN: "of-the-shell", NOMAD_ADDR: "http://elsewhere.test" };
    const { settings, notices } = await load(two, [], env);
    expect(settings.clusters.map(({ token }) => token)).toEqual([undefined, "3f6c1a52-0000-4000-8000-000000000001"]);
    expect(settings.clusters.map(({ address }) => address)).not.toContain("http://elsewhere.test");
    expect(notices.map((line) => line.replace(file, "FILE"))).toEqual([
      "NOMAD_ADDR and NOMAD_TOKEN not used: FILE has several clusters, each with settings of its own",
    ]);
  });

  test("such a flag stops the start", async () => {
    expect(await refused(two, ["--address=http://x.test"])).toBe(
      "--address is about one cluster, and FILE has several: set address in the table of the one that is meant.",
    );
  });

  test("what is allowed is what both the session and the cluster allow", async () => {
    expect((await load(two, ["--read-only"])).settings).toMatchObject({
      readOnly: true,
      clusters: [{ readOnly: true }, { readOnly: true }],
    });
    expect((await load(two, [], { NOMAD_MCP_READ_ONLY: "false" })).settings.clusters[0].readOnly).toBe(true);

    const [shop, rest] = ['namespaces = ["shop", "web"]\n', "[clusters.a]\n[clusters.b]\n"];
    const own = `${shop}[clusters.a]\nnamespaces = ["web", "ops"]\n[clusters.b]\n`;
    expect((await load(shop + rest)).settings.clusters).toMatchObject([
      { namespaces: ["shop", "web"], namespace: "shop" },
      { namespaces: ["shop", "web"] },
    ]);
    expect((await load(own)).settings.clusters[0]).toMatchObject({ namespaces: ["web"], namespace: "web" });
    expect(await refused(own, ["--namespaces=shop"])).toBe(
      "FILE:3:1 clusters.a.namespaces and --namespaces have no name in common, so that nothing could be touched.",
    );
  });

  test("what each setting is called: its place, or where it could stand", async () => {
    const { settings } = await load(two);
    const [prod, staging] = settings.clusters;
    expect(prod.settingName("tokenFile").replace(file, "FILE")).toBe("FILE:10:1 clusters.prod.token_file");
    expect(prod.settingName("caCert")).toBe("clusters.prod.ca_cert");
    expect(staging?.settingName("address").replace(file, "FILE")).toBe("FILE:5:1 clusters.staging.address");
    expect(settings.settingName("auditLog")).toBe("NOMAD_MCP_AUDIT_LOG");
  });
});

describe("what stops the start: the key, the place, the cure, and no line of the file", () => {
  test.each([
    ["adress = 1", "FILE:1:1 adress is no setting; the nearest is address."],
    ["\n  read_only = 1", "FILE:2:3 read_only must be true or false."],
    ['toolsets = "jobs"', 'FILE:1:1 toolsets must be a list of names, such as ["one", "two"].'],
    ["toolsets = []", "FILE:1:1 toolsets names nothing: leave it unset, or name one at least."],
    ['confirm = "never"', 'FILE:1:1 confirm: "never" is not host or ask.'],
    ['namespace = "a/b"', 'FILE:1:1 namespace: "a/b" is not a namespace: letters, digits and dashes.'],
    [
      'address = "nomad"',
      'FILE:1:1 address: "nomad" must begin with http://, https:// or unix://, as in http://127.0.0.1:4646.',
    ],
    [
      '# a\n\n[clusters.prod]\n# b\ntokn = "x"',
      "FILE:5:1 clusters.prod.tokn is no setting of a cluster; the nearest is token.",
    ],
    ['clusters = { prod = { addr = "x" } }', "FILE:1:1 clusters.prod.addr is no setting of a cluster; there is"],
    [
      'token = "x"\n[clusters.a]\n',
      "FILE:1:1 token is about one cluster: put it into the table of the cluster that is meant.",
    ],
    ["[clusters]\n", "FILE:1:1 clusters has none: add a table such as [clusters.prod]."],
    ["[clusters]\nprod = 1", "FILE:2:1 clusters.prod must be a table: [clusters.prod]."],
    ['[clusters."a b"]\n', 'FILE:1:1: "a b" cannot name a cluster'],
    [
      'cluster = "prd"\n[clusters.prod]\n[clusters.dev]\n',
      'FILE:1:1 cluster: there is no cluster "prd"; the nearest is prod. There is prod and dev.',
    ],
    ['[clusters.a]\nclient_cert = "/x.pem"', "FILE:2:1 clusters.a.client_cert and NOMAD_CLIENT_KEY belong together"],
    ["demo = true", "FILE:1:1 demo is no setting;"],
  ])("%j", async (text, message) => {
    expect(await refused(text)).toContain(message);
  });

  test("what is not TOML", async () => {
    const message = await refused('address = "http://x.test"\ntoken = "3f6c1a52-hunter2\nregion = "eu"');
    expect(message).toMatch(/^FILE:2:\d+: this is not TOML: /);
    expect(message).not.toContain("hunter2");
    expect(message).not.toContain("\n");
  });

  test("a file that is not there, is none, or is too large", async () => {
    await expect(loadSettings(["--config=/nowhere/x.toml"], {})).rejects.toThrow(
      "--config: the file /nowhere/x.toml cannot be read (ENOENT).",
    );
    await expect(loadSettings([], { NOMAD_MCP_CONFIG: directory })).rejects.toThrow(
      `NOMAD_MCP_CONFIG: ${directory} is no file.`,
    );
    expect(await refused(`# ${"x".repeat(70_000)}`)).toContain("too large for settings");
  });

  test("a misspelt variable says the nearest", async () => {
    await expect(loadSettings([], { NOMAD_MCP_CONFG: "x" })).rejects.toThrow("the nearest is NOMAD_MCP_CONFIG");
  });

  test("anything at all in the file: settings or a refusal of one line that has no line of the file", async () => {
    const key = fc.constantFrom(
      "address",
      "token",
      "read_only",
      "clusters",
      "namespaces",
      "x",
      "__proto__",
      "[clusters.a]",
    );
    const value = fc.constantFrom('"a"', "true", "[]", '["a"]', "{}", "1979-05-27", "'''x\n'''", "inf", "[[", "");
    const line = fc.oneof(
      fc.tuple(key, value).map(([name, held]) => `${name} = ${held}`),
      key,
      fc.string({ maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const text = `token = "s3cret"\n${lines.join("\n")}`;
        try {
          const { settings } = await load(text);
          expect(settings.clusters.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          expect(String(error)).not.toContain("\n");
          expect(String(error)).not.toContain("s3cret");
        }
      }),
      { seed: 20260, numRuns: 300 },
    );
  });
});

describe("config.example.toml", () => {
  const example = readFileSync(new URL("../config.example.toml", import.meta.url), "utf8");

  test("is a settings file as it stands", async () => {
    const { settings } = await load(example);
    expect(settings.clusters.map(({ name }) => name)).toEqual(["prod", "staging"]);
  });

  test("has every key, and each of its values is taken", async () => {
    const { settings, origins } = await load(example.replaceAll(/^# (\w+ = )/gm, "$1"));
    const prod = origins.filter(({ cluster }) => cluster !== "staging").map(({ setting }) => setting.key);
    const keys = settingsTable.filter((setting) => tomlKey(setting) !== undefined).map(({ key }) => key);
    expect(new Set(prod)).toEqual(new Set([...keys, "config"]));
    expect(settings.clusters[0]).toMatchObject({ name: "prod", readOnly: true, namespaces: ["default", "shop"] });
  });
});

describe("where it is looked for", () => {
  test.each([
    ["linux", { HOME: "/home/a" }, "/home/a/.config/nomad-mcp/config.toml"],
    ["linux", { HOME: "/home/a", XDG_CONFIG_HOME: "/x" }, "/x/nomad-mcp/config.toml"],
    ["darwin", { HOME: "/Users/a" }, "/Users/a/Library/Application Support/nomad-mcp/config.toml"],
    ["linux", {}, undefined],
    ["win32", {}, undefined],
  ] as const)("%s %j", (platform, env, place) => {
    expect(usualPlace(env, platform)).toBe(place);
  });

  test("the usual place is read where nothing names a file", async () => {
    const home = join(directory, "home");
    const usual = usualPlace({ HOME: home }, process.platform);
    if (usual === undefined) return;
    mkdirSync(join(usual, ".."), { recursive: true });
    writeFileSync(usual, 'region = "usual"\n');
    const read = await loadSettings([], { HOME: home });
    expect(read.settings.clusters[0].region).toBe("usual");
    expect(read.file?.path).toBe(usual);
    expect((await loadSettings([], {})).file).toBeUndefined();
  });

  test.skipIf(process.platform === "win32")("one with a secret that others may read is told", async () => {
    writeFileSync(file, 'token = "abc"\n');
    chmodSync(file, 0o644);
    expect((await readFile(file, "--config")).notices).toEqual([
      `${file} holds a secret and others may read it: chmod 600 ${file}`,
    ]);
    chmodSync(file, 0o600);
    expect((await readFile(file, "--config")).notices).toEqual([]);
  });
});
