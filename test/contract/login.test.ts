import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { serve } from "../support/authority.ts";
import { team } from "../support/network-server.ts";
import { type Claims, oidcIssuer } from "../support/oidc-issuer.ts";

// People who are signed in at a real Nomad with ACLs as themselves: NOMAD_TEST_ACL_ADDR is its address, NOMAD_TEST_ACL_TOKEN a
// management token. The provider is one of the test's own, on loopback, of which Nomad reads the keys. What is made there is deleted.

const { NOMAD_TEST_ACL_ADDR: address = "", NOMAD_TEST_ACL_TOKEN: management = "" } = process.env;

describe.skipIf(address === "")("signed in at a real Nomad", () => {
  const stem = `login-${randomBytes(3).toString("hex")}`;

  async function nomad<T>(method: string, path: string, body?: object): Promise<T> {
    const reply = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { "X-Nomad-Token": management },
      ...(body && { body: JSON.stringify(body) }),
    });
    const said = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${said}`);
    return (said === "" ? undefined : JSON.parse(said)) as T;
  }

  beforeAll(async () => {
    const reads = 'namespace "default" { policy = "read" }';
    const writes = 'namespace "default" { capabilities = ["list-jobs", "read-job", "submit-job", "scale-job"] }';
    await nomad("PUT", `acl/policy/${stem}-read`, { Name: `${stem}-read`, Rules: reads });
    await nomad("PUT", `acl/policy/${stem}-write`, { Name: `${stem}-write`, Rules: writes });
  });
  afterAll(async () => {
    for (const end of ["read", "write"]) await nomad("DELETE", `acl/policy/${stem}-${end}`);
    const tokens = await nomad<{ AccessorID: string; Name: string }[]>("GET", "acl/tokens");
    for (const { AccessorID, Name } of tokens)
      if (Name.startsWith(stem)) await nomad("DELETE", `acl/token/${AccessorID}`);
  });

  /** Tokens that Nomad has given at logins of these tests, by their names. */
  async function given(): Promise<{ readonly name: string; readonly accessor: string; readonly policies: string[] }[]> {
    type Token = { AccessorID: string; Name: string; Policies: string[] };
    const tokens = await nomad<Token[]>("GET", "acl/tokens");
    return tokens
      .filter(({ Name }) => Name.startsWith(stem))
      .map(({ AccessorID, Name, Policies }) => ({
        name: Name.slice(stem.length + 1),
        accessor: AccessorID,
        policies: Policies,
      }));
  }

  /** A server, its provider, and an auth method of Nomad's that trusts that one. */
  async function signedIn(audience?: string) {
    const taken = await serve(() => {});
    await taken.stop();
    const url = `http://127.0.0.1:${taken.port}`;
    const provider = await oidcIssuer(`${url}/mcp`);
    const method = `${stem}-${randomBytes(2).toString("hex")}`;
    await nomad("PUT", "acl/auth-method", {
      ...{ Name: method, Type: "JWT", TokenLocality: "local", MaxTokenTTL: "1h" },
      TokenNameFormat: `${stem}-\${value.user}`,
      Config: {
        ...{
          JWKSURL: `${provider.issuer}/keys`,
          BoundIssuer: [provider.issuer],
          BoundAudiences: [audience ?? `${url}/mcp`],
        },
        ...{
          SigningAlgs: ["ES256"],
          ClaimMappings: { email: "user", acr: "acr" },
          ListClaimMappings: { groups: "groups" },
        },
      },
    });
    const rules = await Promise.all(
      ["read", "write"].map((right) =>
        nomad<{ ID: string }>("PUT", "acl/binding-rule", {
          ...{ AuthMethod: method, BindType: "policy", BindName: `${stem}-${right}` },
          Selector: `"${right === "read" ? "staff" : "ops"}" in list.groups`,
        }),
      ),
    );
    onTestFinished(async () => {
      for (const { ID } of rules) await nomad("DELETE", `acl/binding-rule/${ID}`);
      await nomad("DELETE", `acl/auth-method/${method}`);
    });
    const settings = `token = "${randomBytes(8).toString("hex")}"\n[roles.people]\ngroups = ["*"]\ntoken = "login"\n`;
    const made = await team({ settings, people: {} });
    const server = await made.start(
      ...["--auth=oidc", `--oidc-issuer=${provider.issuer}`, "--oidc-user-claim=email", `--public-url=${url}`],
      ...[`--listen=127.0.0.1:${taken.port}`, `--address=${address}`, `--login-method=${method}`, "--max-calls=100"],
    );
    const call = async (claims: Claims, tool = "list_nomad_jobs", args: object = {}) => {
      const asked = await server.ask(`/api/v1/tools/${tool}`, {
        method: "POST",
        headers: { authorization: `Bearer ${await provider.token(claims)}`, "content-type": "application/json" },
        body: JSON.stringify(args),
      });
      return { status: asked.status, text: await asked.text() };
    };
    return { server, provider, call, method };
  }

  const anna = { sub: "1", email: "anna", groups: ["ops"] };
  const bert = { sub: "2", email: "bert", groups: ["staff"] };

  test("fifty calls are one token of the person's name, with what the binding rules give", async () => {
    const { call } = await signedIn();
    const replies = await Promise.all(Array.from({ length: 50 }, () => call(bert)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const tokens = await given();
    expect(tokens).toMatchObject([{ name: "bert", policies: [`${stem}-read`] }]);
    const { text } = await call(bert, "check_connection");
    expect(text).toContain(`(client, accessor ${tokens[0]?.accessor.slice(0, 8)}); policy ${stem}-read; expires in`);
  });

  test("Nomad decides: who may read is refused a change, in words of their own token, and signs in no second time", async () => {
    const { call } = await signedIn();
    const before = (await given()).length;
    const stop = { job_id: stem, wait_seconds: 0 };
    const Tasks = [{ Name: "main", Driver: "raw_exec", Config: { command: "true" } }];
    const Job = {
      ...{ ID: stem, Name: stem, Type: "batch" },
      Datacenters: ["nowhere"],
      TaskGroups: [{ Name: "main", Tasks }],
    };
    await nomad("PUT", "jobs", { Job });
    onTestFinished(async () => void (await nomad("DELETE", `job/${stem}?purge=true`)));
    const refused = await call(bert, "stop_job", stop);
    expect(refused.text).toContain("Permission denied");
    expect(refused.text).toContain("Your Nomad token needs the capability submit-job");
    expect(refused.text).toContain(`Your token is ${stem}-bert, with policy ${stem}-read`);
    await call(bert, "stop_job", stop);
    expect((await given()).length).toBe(before + 1);
    expect((await call(anna, "stop_job", stop)).status).toBe(200);
  });

  test("rules go by other claims than groups, too: a weaker access token has nothing of a stronger one, nor shuts it out", async () => {
    const { call, method } = await signedIn();
    const { ID } = await nomad<{ ID: string }>("PUT", "acl/binding-rule", {
      ...{ AuthMethod: method, BindType: "policy", BindName: `${stem}-write`, Selector: 'value.acr == "mfa"' },
    });
    onTestFinished(() => nomad("DELETE", `acl/binding-rule/${ID}`));
    const policies = async (acr: string) => (await call({ ...bert, acr }, "check_connection")).text;
    const both = new RegExp(`policies .*${stem}-write`);
    for (const acr of ["pwd", "mfa", "pwd"]) {
      const text = await policies(acr);
      expect(both.test(text), `${acr}: ${text}`).toBe(acr === "mfa");
    }
  });

  test("a token that was revoked is exchanged once", async () => {
    const { call } = await signedIn();
    const cleo = { sub: "3", email: "cleo", groups: ["staff"] };
    await call(cleo);
    const [first] = (await given()).filter(({ name }) => name === "cleo");
    await nomad("DELETE", `acl/token/${first?.accessor}`);
    expect((await call(cleo)).status).toBe(200);
    const cleos = (await given()).filter(({ name }) => name === "cleo");
    expect([cleos.length, cleos[0]?.accessor === first?.accessor]).toEqual([1, false]);
  });

  test("nobody who no binding rule fits, and nobody whom the method is not for", async () => {
    const { call } = await signedIn();
    const none = await call({ sub: "4", email: "dora", groups: ["sales"] });
    expect(none.text).toContain("no role or policy bindings matched");
    expect(none.text).toContain("Whoever runs Nomad can add one");
    const unnamed = await call({ sub: "5", groups: ["staff"] });
    expect(unnamed.text).toContain("TokenNameFormat");
    const other = await signedIn("https://elsewhere.example");
    expect((await other.call(bert)).text).toContain("to its BoundAudiences");
  });
});
