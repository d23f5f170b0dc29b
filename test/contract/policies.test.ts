import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyOf } from "../../src/nomad/cluster/check/policy.ts";
import { toolsets } from "../../src/tools/index.ts";
import { mockJob } from "../support/demo-session.ts";
import { sampleArguments } from "../support/sample-arguments.ts";
import { openSession } from "../support/session.ts";

// The policies of docs/rights.md on a real Nomad with ACLs: NOMAD_TEST_ACL_ADDR is its address, NOMAD_TEST_ACL_TOKEN a
// management token. Never one that somebody needs: policies and tokens are made, jobs submitted and stopped.

const { NOMAD_TEST_ACL_ADDR: address = "", NOMAD_TEST_ACL_TOKEN: management = "" } = process.env;
const run = randomBytes(3).toString("hex");
const cases = toolsets.flatMap(({ name, tools }) => [
  { name: `${name}, to read`, tools: tools.filter(({ risk }) => risk === "read") },
  { name: `${name}, to change things, too`, tools },
]);

describe.skipIf(address === "" || management === "")("the smallest policies", () => {
  const made: string[] = [];

  async function admin<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { "X-Nomad-Token": management },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text || "null");
  }

  /** The secret of a token with these rules. */
  async function tokenWith(rules: string): Promise<string> {
    const name = `contract-${run}-${made.length}`;
    await admin("PUT", `/v1/acl/policy/${name}`, { Name: name, Rules: rules });
    const token = { Name: name, Type: "client", Policies: [name], ExpirationTTL: "10m" };
    const { SecretID } = await admin<{ SecretID: string }>("PUT", "/v1/acl/token", token);
    made.push(`/v1/acl/policy/${name}`);
    return SecretID;
  }

  async function submit(id: string): Promise<void> {
    await admin("POST", "/v1/jobs", { Job: mockJob(id) });
    made.push(`/v1/job/${id}?purge=true`);
  }

  const usual = `contract-acl-${run}`;
  beforeAll(() => submit(usual));
  afterAll(async () => {
    for (const path of made) await admin("DELETE", path);
  });

  test.each(cases.filter(({ tools }) => tools.length > 0))("$name", { timeout: 120_000 }, async ({ tools }) => {
    const token = await tokenWith(policyOf(tools, "default") || 'quota { policy = "read" }');
    const names = tools.map(({ name }) => name);
    const session = await openSession({ address, token, enabledTools: [...names, "check_connection"] });
    const { text: verdict } = await session.call("check_connection");
    const open = tools.filter(({ needs }) => !needs?.includes("management")).map(({ name }) => name);
    for (const name of names) {
      if (open.includes(name)) expect(verdict).not.toMatch(new RegExp(`\\b${name}\\b.*: needs?`));
      else
        expect(verdict).toMatch(
          new RegExp(`^ {4}(\\w+, )*${name}\\b.*: needs? .*management, which no policy gives$`, "m"),
        );
    }
    for (const definition of (await session.client.listTools()).tools) {
      if (!open.includes(definition.name)) continue;
      const job_id = definition.annotations?.readOnlyHint ? usual : `${usual}-${definition.name}`;
      if (job_id !== usual && definition.name !== "create_job") await submit(job_id);
      const job_file = JSON.stringify({ Job: mockJob(job_id) });
      const args = sampleArguments(definition, { job_id, job_file, wait_seconds: 5 });
      const { text } = await session.call(definition.name, args);
      expect(text, definition.name).not.toMatch(/\b403\b|Permission denied/);
    }
    await session.close();
  });

  test("check_connection tells what is refused", async () => {
    const session = await openSession({ address, token: await tokenWith('namespace "default" { policy = "read" }') });
    const { text } = await session.call("check_connection");
    expect(text).toMatch(/^ {4}(\w+, )*stop_job.*: needs? submit-job in namespace default$/m);
    const { text: refused, isError } = await session.call("stop_job", { job_id: usual });
    expect(isError).toBe(true);
    expect(refused).toContain("403 Permission denied");
    await session.close();
  });
});
