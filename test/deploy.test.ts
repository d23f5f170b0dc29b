import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRoles } from "../src/access/roles.ts";
import { openStateKeys } from "../src/access/state-keys.ts";
import { policyOf } from "../src/nomad/cluster/check/policy.ts";
import { settingsTable } from "../src/settings/table.ts";
import { tomlParser } from "../src/settings/toml.ts";
import { catalog } from "../src/tools/catalog.data.ts";
import { makeFolder } from "./support/authority.ts";
import { team } from "./support/network-server.ts";

// The job files are read as text here; test/contract/deploy.test.ts has Nomad parse them.

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const job = read("deploy/nomad-mcp.nomad.hcl");
const balancer = read("deploy/load-balancer.nomad.hcl");
const guide = read("docs/deploy.md");

/** The first group of the one match. */
function one(pattern: RegExp, text: string): string {
  const found = [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))];
  expect(found, String(pattern)).toHaveLength(1);
  return found[0]?.[1] ?? "";
}
const each = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, group = ""]) => group);
const seconds = (name: string, text: string) => Number(one(new RegExp(`^ *${name} += "(\\d+)s"$`, "m"), text));

describe("the job", () => {
  test("sets what can be set", () => {
    const block = one(/env \{\n(.*?)\n {6}\}/s, job);
    const names = each(/^ *([A-Z_]+) +=/gm, block);
    expect(names.length).toBeGreaterThan(10);
    const known = settingsTable.flatMap(({ env, of }) => (env === undefined ? [] : [{ env, of }]));
    expect(names.filter((name) => !known.some(({ env }) => env === name))).toEqual([]);
    // A file that a setting names is written by a template.
    const files = each(/\$\{NOMAD_(?:SECRETS|TASK)_DIR\}\/([\w.-]+)"$/gm, block);
    const written = [...each(/destination = "(?:secrets|local)\/([\w.-]+)"/g, job), "api.sock", "nomad_token"];
    expect(files.filter((file) => !written.includes(file))).toEqual([]);
  });

  test("has roles that are taken, and a check that the server answers", async () => {
    const parse = await tomlParser();
    const [text = ""] = each(/default +=? ?<<-EOT\n(.*?)\n +EOT/gs, job);
    const source = { place: () => "roles" };
    const limits = { readOnly: false, confirm: "host" as const, showVariables: false, clusters: [{ name: "default" }] };
    const roles = readRoles(parse(text).roles, source, limits);
    expect([...roles.keys()]).toEqual(["viewer", "operator"]);
    expect(roles.get("viewer")?.readOnly).toBe(true);
    expect(roles.get("operator")?.confirm).toBe("ask");
    const { start } = await team();
    const { ask } = await start();
    expect((await ask(one(/^ +path +=? "(.*)"$/m, job))).status).toBe(200);
  });

  test("gives calls their time to end, after the balancer has noticed", () => {
    const drain = Number(one(/NOMAD_MCP_DRAIN_SECONDS = "(\d+)"/, job));
    expect(seconds("kill_timeout", job)).toBeGreaterThan(drain);
    expect(seconds("kill_timeout", job)).toBeLessThanOrEqual(30);
    expect(seconds("shutdown_delay", job)).toBeGreaterThan(5);
  });

  test("takes from its variable what the guide puts there", () => {
    for (const [text, path] of [
      [job, "nomad/jobs/nomad-mcp"],
      [balancer, "nomad/jobs/nomad-mcp-balancer"],
    ] as const) {
      const items = each(new RegExp(`nomadVar \\\\"${path}\\\\" \\}\\}\\{\\{ \\.(\\w+) `, "g"), text);
      expect(items.length).toBeGreaterThan(2);
      const [put = ""] = each(new RegExp(`var put .*${path}((?: \\\\\\n)?(?:.|\\\\\\n)*)$`, "gm"), guide);
      expect(each(/(\w+)=@/g, put).sort()).toEqual([...items].sort());
    }
  });
});

test("the policy is what the tools need", () => {
  const policy = read("deploy/nomad-mcp-policy.hcl").replaceAll(/^ *#.*$/gm, "");
  const words = each(/"([a-z]+(?:-[a-z]+)+)"/g, one(/^ {2}capabilities = \[(.*?)\]/ms, policy));
  const blocks = each(/^(\w+(?: "\*")? \{\n {2}policy = "\w+"\n\})$/gm, policy).map((block) =>
    block.replaceAll(/\s+/g, " "),
  );
  const list = [...words].sort().map((word) => JSON.stringify(word));
  const variables = one(/variables \{\s+path "\*" \{\s+capabilities = \[(.*?)\]/s, policy);
  const namespace = `  capabilities = [${list.join(", ")}]\n  variables { path "*" { capabilities = [${variables}] } }`;
  const tools = catalog.toolsets.filter(({ optIn }) => !optIn).flatMap((toolset) => toolset.tools);
  expect([`namespace "default" {\n${namespace}\n}`, ...blocks].join("\n")).toBe(policyOf(tools, "default"));
});

test("the balancer finds the job's service, waits longer than any call, and keeps connections for less than the server", () => {
  expect(one(/nomadService "(.*?)"/, balancer)).toBe(
    one(/^ +name +=? "(.*)"\n +provider = "nomad"\n +port +=? "https"$/m, job),
  );
  expect(Number(one(/proxy_read_timeout (\d+)s;/, balancer))).toBeGreaterThan(60);
  const upstream = one(/upstream nomad_mcp \{(.*?)\n {12}\}/s, balancer);
  expect(Number(one(/keepalive_timeout (\d+)s;/, upstream))).toBeLessThan(75);
  expect(balancer).toMatch(/^ *proxy_buffering off;$/m);
  expect(balancer).not.toMatch(/^[^#]*(ip_hash|sticky|non_idempotent)/m);
});

test("a state key as the guide makes it is taken", () => {
  expect(guide).toContain("openssl rand -base64 48");
  const folder = makeFolder();
  const file = folder.write("state-key", `${Buffer.alloc(48, 7).toString("base64")}\n`);
  expect(openStateKeys(file, "NOMAD_MCP_STATE_KEY_FILE")()).toHaveLength(1);
  folder.remove();
});
