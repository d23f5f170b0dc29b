import { randomBytes } from "node:crypto";
import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { describe, expect, test } from "vitest";

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
