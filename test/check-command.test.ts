import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AclToken } from "../src/endpoints/acl.ts";
import { makeFolder } from "./support/authority.ts";
import { reply, run, startServer } from "./support/program.ts";
import { recorded } from "./support/recorded-state.ts";

// `nomad-mcp check`, the built program.

const secret = "2ac63bf7-07e2-5329-cfd0-143645dfbe47";
let nomad: Awaited<ReturnType<typeof startServer>>;
const folder = makeFolder();

beforeAll(async () => {
  nomad = await startServer((request, response) => {
    const path = request.url?.split("?")[0];
    const known = request.headers["x-nomad-token"] === secret;
    if (path === "/v1/status/leader") response.end('"127.0.0.1:4647"');
    else if (path === "/v1/acl/token/self" && known) reply(response, recorded<AclToken>("acl/self.json").body);
    else if (path === "/v1/acl/policy/reader" && known) reply(response, recorded("acl/policy-read.json").body);
    else if (path === "/v1/namespace/default" && known) reply(response, { Name: "default" });
    else response.writeHead(403).end("Permission denied");
  });
});
afterAll(async () => {
  await nomad.stop();
  folder.remove();
});

test("where each setting came from, what the cluster is like; secrets only as set", async () => {
  const env = { NOMAD_ADDR: nomad.address, NOMAD_TOKEN: secret, NOMAD_HTTP_AUTH: "ann:open-sesame-81" };
  const { code, stdout, stderr } = await run(["check", "--enabled-tools", "get_job_status,stop_job"], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toMatch(/2ac63bf7-07e2|open-sesame/);
  // docs/settings.md shows it, with an address of its own; how wide the columns are follows from that.
  const settings = readFileSync(new URL("../docs/settings.md", import.meta.url), "utf8");
  const [, example = ""] = /^```\n(no settings file\n.*?)\n```$/ms.exec(settings) ?? [];
  const narrow = (text: string) => text.replaceAll(/(\S) {2,}/g, "$1  ");
  expect(narrow(stdout.replaceAll(nomad.address, "http://nomad.example.com:4646"))).toBe(narrow(example));
});

test("a token that is not known: exit status 1", async () => {
  const { code, stdout } = await run(["check"], { NOMAD_ADDR: nomad.address, NOMAD_TOKEN: "wrong" });
  expect(code).toBe(1);
  expect(stdout).toContain(`${nomad.address}: Nomad answers, but refuses the token\n`);
});

test("several clusters: each is tried, whatever is wrong with another", async () => {
  const { host } = new URL(nomad.address);
  const file = folder.write(
    "config.toml",
    `[clusters.good]
address = "http://ann:open-sesame-81@${host}"
token = "${secret}"
[clusters.bad]
address = "https://127.0.0.1:1"
ca_cert = "${folder.path}/none.pem"
`,
  );
  const { code, stdout } = await run(["check", "--config", file], {});
  expect(code).toBe(1);
  expect(stdout).not.toMatch(/2ac63bf7-07e2|open-sesame/);
  expect(stdout).toMatch(/^good +address +http:\/\/\[masked\]@/m);
  expect(stdout).toMatch(/^good \(http:.*\): works, \d+ of \d+ tools can be used with this token$/m);
  expect(stdout).toMatch(
    /^bad \(https:.*\): cannot be tried\n {2}.*clusters\.bad\.ca_cert: the file .* cannot be read/m,
  );
});

test("the demo cluster", async () => {
  const { code, stdout } = await run(["check", "--demo"], { NOMAD_ADDR: nomad.address, NOMAD_TOKEN: secret });
  expect(code).toBe(0);
  expect(stdout).toMatch(/works, all \d+ tools can be used/);
});

test("it takes no words", async () => {
  const { code, stdout, stderr } = await run(["check", "prod"], { NOMAD_ADDR: nomad.address });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe('nomad-mcp: check takes no "prod"\n');
});
