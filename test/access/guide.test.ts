import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readRoles } from "../../src/access/roles.ts";
import { checkPlan } from "../../src/access/start-rules.ts";
import { loadSettings } from "../../src/settings/settings.ts";
import { makeFolder } from "../support/authority.ts";

const folder = makeFolder();
afterAll(() => folder.remove());
const read = (name: string) => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
const found = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, block = ""]) => block);
const blocks = [
  ...found(/```toml\n(.*?)```/gs, read("sign-in.md")),
  ...found(/^roles = <<EOT\n(.*?)^EOT$/gms, read("deploy.md")),
];

test("the guide has a settings file for each way to sign in", () => {
  expect(blocks.length).toBe(6);
});

test.each(blocks)("a settings file of the guide is one, and a server starts with it: %s", async (text) => {
  const config = folder.write("config.toml", text);
  const more = /public_url/.test(text) ? [] : ["--public-url=https://nomad-mcp.example.com"];
  const { settings, network, file } = await loadSettings([`--config=${config}`, ...more], {});
  const roles = readRoles(file?.section("roles"), { place: () => "" }, settings);
  const { demo, readOnly } = settings;
  const [cluster, library] = [settings.clusters[0].name, settings.library !== undefined];
  expect(() =>
    checkPlan({ network, isPrivate: true, demo, readOnly, confirm: "host", roles, cluster, library }),
  ).not.toThrow();
  expect(network.auth).not.toEqual(["keys"]);
  expect(roles.size).toBeGreaterThan(0);
});
