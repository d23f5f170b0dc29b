import { randomBytes } from "node:crypto";
import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSession, type TestSession } from "../support/session.ts";

// Policies, roles, tokens and binding rules: of the demo always, and of the Nomad with ACLs that NOMAD_TEST_ACL_ADDR and
// NOMAD_TEST_ACL_TOKEN, a management token, name. What is made there is deleted.

const { NOMAD_TEST_ACL_ADDR: address = "", NOMAD_TEST_ACL_TOKEN: token = "" } = process.env;

interface Target {
  readonly name: string;
  open(): Promise<{ address: string; stop(): Promise<void> }>;
}

const demo: Target = { name: "demo cluster", open: () => startDemoCluster({ clock: virtualClock(), acl: true }) };
const real: Target = { name: "real Nomad", open: async () => ({ address, stop: async () => undefined }) };
const foreign = "5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11";

describe.each(address === "" ? [demo] : [demo, real])("ACL objects ($name)", ({ open }) => {
  async function within(
    work: (
      ask: (method: string, path: string, body?: object) => Promise<{ text: string; said: string }>,
    ) => Promise<void>,
  ): Promise<void> {
    const cluster = await open();
    try {
      await work(async (method, path, body) => {
        const response = await fetch(`${cluster.address}/v1/acl/${path}`, {
          method,
          headers: { "X-Nomad-Token": token },
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { text, said: `${response.status} ${text}` };
      });
    } finally {
      await cluster.stop();
    }
  }

  test("a role and a token that has it: made, listed without its secret, and deleted", async () => {
    await within(async (ask) => {
      const stem = `contract-${randomBytes(3).toString("hex")}`;
      const [policy] = JSON.parse((await ask("GET", "policies")).text);
      if (address !== "" && policy === undefined)
        await ask("PUT", `policy/${stem}`, { Name: stem, Rules: 'node { policy = "read" }' });
      const Name: string = policy?.Name ?? stem;
      const role = JSON.parse((await ask("PUT", "role", { Name: stem, Policies: [{ Name }] })).text);
      expect(role).toMatchObject({ Name: stem, Policies: [{ Name }], Description: "", ID: expect.any(String) });
      expect(JSON.parse((await ask("GET", `role/${role.ID}`)).text)).toEqual(role);
      expect(JSON.parse((await ask("GET", `role/name/${stem}`)).text)).toEqual(role);
      const wanted = { Name: stem, Type: "client", Roles: [{ Name: stem }], ExpirationTTL: "10m" };
      const made = JSON.parse((await ask("PUT", "token", wanted)).text);
      expect(made).toMatchObject({ ExpirationTTL: "10m0s", Roles: [{ ID: role.ID, Name: stem }], Global: false });
      expect(Date.parse(made.ExpirationTime) - Date.parse(made.CreateTime)).toBe(600_000);
      expect(made.SecretID).toMatch(/^[0-9a-f-]{36}$/);
      const tokens: { AccessorID: string }[] = JSON.parse((await ask("GET", "tokens")).text);
      const listed = tokens.find(({ AccessorID }) => AccessorID === made.AccessorID);
      const { SecretID: _, ExpirationTTL: _ttl, ...shown } = made;
      expect(listed).toEqual({ ...shown, Policies: null, Roles: [{ ID: role.ID, Name: "" }] });
      expect((await ask("DELETE", `token/${made.AccessorID}`)).said).toBe("200 ");
      expect((await ask("DELETE", `role/${role.ID}`)).said).toBe("200 ");
      expect((await ask("DELETE", `policy/${stem}`)).said).toBe("200 ");
    });
  });

  /** Calls tools of this server, whose token is a management token or `own`. */
  async function session(at: string, own = token): Promise<TestSession> {
    const opened = await openSession({ address: at, ...(own !== "" && { token: own }) });
    onTestFinished(() => opened.close());
    return opened;
  }

  test("by the tools: listed without a secret, explained, revoked, and refused then", async () => {
    const cluster = await open();
    onTestFinished(() => cluster.stop());
    const ask = async (method: string, path: string, body?: object, as = token) =>
      await fetch(`${cluster.address}/v1/${path}`, {
        method,
        headers: { "X-Nomad-Token": as },
        ...(body && { body: JSON.stringify(body) }),
      });
    const stem = `contract-${randomBytes(3).toString("hex")}`;
    const rules =
      'namespace "default" { policy = "scale" }\nnamespace "odd" { polcy = "read" }\nnode { policy = "read" }';
    const real = (await ask("PUT", `acl/policy/${stem}`, { Name: stem, Rules: rules })).ok;
    // The demo makes no policies: it has one of that kind from the beginning.
    const policy = real ? stem : "watchers";
    if (real) onTestFinished(async () => void (await ask("DELETE", `acl/policy/${stem}`)));
    const wanted = { Name: stem, Type: "client", Policies: [policy, `${stem}-gone`], ExpirationTTL: "10m" };
    const made = JSON.parse(await (await ask("PUT", "acl/token", wanted)).text());
    const accessor = String(made.AccessorID).slice(0, 8);
    const { call } = await session(cluster.address);
    const overview = (await call("list_acl", { limit: 100 })).text;
    expect(overview).toMatch(
      new RegExp(`\n${stem} +${accessor} +policies ${policy} and ${stem}-gone +in (10m|9m\\d+s)`),
    );
    expect(overview).toContain(`Wrong: token ${stem} names policy ${stem}-gone, which does not exist`);
    expect(overview).not.toContain(made.SecretID);
    const explained = (await call("list_acl", { accessor: stem })).text;
    expect(explained).toMatch(new RegExp(`^Token ${stem} \\(client, accessor ${accessor}\\), expires in `));
    expect(explained).toContain("\n  nodes: see\n");
    expect((await call("list_acl", { accessor })).text.split("\n").slice(1)).toEqual(explained.split("\n").slice(1));
    if (real) {
      expect((await call("list_acl", { policy })).text).toBe(
        [
          `Policy ${policy}: its holder may`,
          "  namespace default: see jobs and their allocations and scaling; scale jobs; send recommendations (Enterprise); no variables",
          "  namespace odd: nothing, since the rule grants nothing there; Nomad takes a misspelt key in it without a word",
          "  nodes: see",
          `Held by: token ${stem} (${accessor})`,
        ].join("\n"),
      );
      const client = await session(cluster.address, made.SecretID);
      expect((await client.call("list_acl")).text).toMatch(/^What this server's token has of ACLs: 1 policy/);
      expect((await client.call("revoke_token", { accessor_id: accessor })).text).toContain("to be a management token");
      expect((await ask("GET", "nodes", undefined, made.SecretID)).status).toBe(200);
    }
    expect((await call("revoke_token", { accessor_id: accessor })).text).toMatch(
      new RegExp(`^Token ${stem} \\(client, accessor ${accessor}\\) revoked `),
    );
    if (real) expect((await ask("GET", "nodes", undefined, made.SecretID)).status).toBe(403);
    expect((await call("revoke_token", { accessor_id: accessor })).text).toMatch(
      /^There is no token .* Nothing was changed\.$/,
    );
    const own = JSON.parse(await (await ask("GET", "acl/token/self")).text());
    expect((await call("revoke_token", { accessor_id: own.AccessorID })).text).toContain(
      "that this server itself uses",
    );
  });

  test("refused: what there is not, and what cannot be", async () => {
    await within(async (ask) => {
      const answers = [
        await ask("GET", "policy/contract-none"),
        await ask("GET", `role/${foreign}`),
        await ask("GET", "role/name/contract-none"),
        await ask("GET", `token/${foreign}`),
        await ask("GET", "auth-method/contract-none"),
        await ask("GET", `binding-rule/${foreign}`),
        await ask("DELETE", "policy/contract-none"),
        await ask("DELETE", `role/${foreign}`),
        await ask("DELETE", `token/${foreign}`),
        await ask("DELETE", "auth-method/contract-none"),
        await ask("DELETE", `binding-rule/${foreign}`),
        await ask("PUT", "role", { Name: "x" }),
        await ask("PUT", "role", { Name: "x", Policies: [{ Name: "contract-none" }] }),
        await ask("PUT", "token", { Name: "x", Type: "client" }),
        await ask("PUT", "token", { Name: "x", Type: "odd" }),
        await ask("PUT", "token", { Name: "x", Type: "client", Policies: ["x"], ExpirationTTL: "48h" }),
        await ask("PUT", "token", { Name: "x", Type: "client", Roles: [{ Name: "contract-none" }] }),
        await ask("PUT", "binding-rule", { AuthMethod: "contract-none", BindType: "role", BindName: "x" }),
      ];
      const one = (why: string) => `1 error occurred:\n\t* ${why}\n\n`;
      expect(answers.map(({ said }) => said)).toEqual([
        "404 ACL policy not found",
        "404 ACL role not found",
        "404 ACL role not found",
        "404 ACL token not found",
        "404 ACL auth-method not found",
        "404 ACL binding rule not found",
        "200 ",
        "500 ACL role not found",
        `400 Cannot delete nonexistent tokens: ${foreign}`,
        "500 ACL auth method not found",
        "500 ACL binding rule not found",
        `400 role 0 invalid: ${one("at least one policy should be specified")}`,
        "400 cannot find policy contract-none",
        `400 token 0 invalid: ${one("client token missing policies or roles")}`,
        `400 token 0 invalid: ${one("token type must be client or management")}`,
        `400 token 0 invalid: ${one("expiration time cannot be more than 24h0m0s in the future (was 48h0m0s)")}`,
        "400 cannot find role contract-none",
        "400 ACL auth method contract-none not found",
      ]);
    });
  });
});
