import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
  session.demo.enableAcl();
});
afterEach(() => session.close());

const ask = async (args: Record<string, unknown> = {}) => await session.call("list_acl", args);
const put = async (path: string, body: object) => await session.nomad<Record<string, string>>("PUT", path, body);

test("what there is, what is wrong with it, and never a secret", async () => {
  await put("/v1/acl/token", { Name: "pager", Type: "client", Roles: [{ Name: "on-call" }], ExpirationTTL: "1h" });
  const { text, isError } = await ask();
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "ACLs: 2 policies, 1 role, 4 tokens, 1 auth method, 1 binding rule
    Policies: operators (May submit jobs and drain nodes) and watchers (May look at everything)
    Roles: on-call (policies operators and watchers)
    Logins: corp (JWT, the default)
      who logs in with corp, where "ops" in list.groups, gets role on-call

    token            accessor  has                            expires
    pager            f85d533d  role on-call                   in 1h
    grafana          ffbb49b1  policies watchers and retired  never
    deploy pipeline  a533b74f  policy operators               never
    Bootstrap Token  6b1c5a2e  everything                     never    used by this server

    Wrong: token grafana names policy retired, which does not exist and grants nothing

    Next: list_acl policy=operators says what its holder may do"
  `);
  const secrets = ["3f9d2c60", "42ebcba8", "2ac63bf7"];
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(session.changes().length).toBe(1);
});

test("tokens by pages, newest first", async () => {
  const { text } = await ask({ limit: 2 });
  const cursor = /cursor=(\S+)/.exec(text)?.[1];
  expect(text).toMatch(/^ACLs: 2 policies, 1 role, more than 2 tokens, /);
  const rest = await ask({ limit: 2, cursor });
  expect(rest.text).toMatchInlineSnapshot(`
    "ACLs: 1 more token

    token            accessor  has         expires
    Bootstrap Token  6b1c5a2e  everything  never    used by this server"
  `);
});

describe("explained", () => {
  test("a policy, and who holds it", async () => {
    expect((await ask({ policy: "watchers" })).text).toMatchInlineSnapshot(`
      "Policy watchers (May look at everything): its holder may
        any namespace: see jobs and their allocations, CSI volumes, host volumes and scaling; no variables
        nodes: see
      Held by: role on-call, token grafana (ffbb49b1)"
    `);
  });

  test("a role: its policies together, where what stands at a name hides what a pattern grants", async () => {
    expect((await ask({ role: "on-call" })).text).toMatchInlineSnapshot(`
      "Role on-call (Who carries the pager), policies operators and watchers: its holder may
        namespace default: submit, change and stop jobs of any kind, and decide on deployments; read logs; no variables
        any namespace: see jobs and their allocations, CSI volumes, host volumes and scaling; no variables
        (In default only what stands there counts, not what a wider pattern grants)
        nodes: see, drain, change and purge
      Given to: who logs in with corp, where "ops" in list.groups, gets role on-call"
    `);
  });

  test("a token by its name or accessor id, with a policy that does not exist; one that may do everything", async () => {
    const { text } = await ask({ accessor: "grafana" });
    expect(text).toMatchInlineSnapshot(`
      "Token grafana (client, accessor ffbb49b1), never expires, policies watchers and retired: its holder may
        any namespace: see jobs and their allocations, CSI volumes, host volumes and scaling; no variables
        nodes: see
      Wrong: policy retired does not exist: nothing comes of that"
    `);
    expect((await ask({ accessor: "ffbb49b1-14" })).text).toBe(text);
    expect((await ask({ accessor: "6b1c5a2e" })).text).toMatchInlineSnapshot(
      `"Token Bootstrap Token (management, accessor 6b1c5a2e), used by this server, never expires: its holder may do everything"`,
    );
  });

  test("what there is not", async () => {
    for (const [args, said] of [
      [{ policy: "watcher" }, 'There is no policy "watcher". Nearest: watchers.'],
      [{ role: "pager" }, 'There is no role "pager". Known: on-call.'],
      [
        { accessor: "deploy" },
        'There is no token "deploy". In the names of these it stands: deploy pipeline (client, accessor a533b74f).',
      ],
      [
        { accessor: "42ebcba8-2222-4ae5-80cb-f4c4440c3d62" },
        "There is no token 42ebcba8: it may be revoked, or expired and deleted.",
      ],
      [{ policy: "watchers", role: "on-call" }, "One policy, role or token is told of at a time."],
    ] as const) {
      const { text, isError } = await ask(args);
      expect([isError, text]).toEqual([true, said]);
    }
  });
});

test("with a token that is no management token: that there may be more", async () => {
  const watching = guard([]);
  const { result } = await watching.watch(() => ask());
  watching.remove();
  expect(result.isError).toBe(false);
  expect(result.text).toMatchInlineSnapshot(`
    "What this server's token has of ACLs: 2 policies, 1 role, 1 auth method
    Policies: operators (May submit jobs and drain nodes) and watchers (May look at everything)
    Roles: on-call (policies operators and watchers)
    Logins: corp (JWT, the default)
    Policies and roles of others, tokens and binding rules are shown to a management token only
    Next: list_acl policy=operators says what its holder may do"
  `);
});

test("a cluster without ACLs: in words", async () => {
  const without = await demoSession();
  for (const args of [{}, { policy: "watchers" }, { accessor: "ci" }]) {
    const { text, isError } = await without.call("list_acl", args);
    expect([isError, text]).toEqual([
      false,
      "This cluster has no ACLs: there are no policies, roles or tokens, and whoever reaches it may do everything",
    ]);
  }
  await without.close();
});
