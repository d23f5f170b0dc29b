import { HttpResponse, http, type RequestHandler } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AclPolicy, AclRole, AclToken } from "../../src/endpoints/acl.ts";
import type { AgentMembers } from "../../src/endpoints/operator.ts";
import { makeAuthority, makeFolder, serve } from "../support/authority.ts";
import { demoSession } from "../support/demo-session.ts";
import { address, type Exchange, recorded } from "../support/recorded-state.ts";
import { openSession, type SomeSettings } from "../support/session.ts";

const server = setupServer();
server.listen({ onUnhandledRequest: "bypass" });
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 21, 1, 0, 0) });
});
afterEach(() => {
  server.resetHandlers();
  vi.useRealTimers();
});
afterAll(() => server.close());

const refused: Exchange<string> = recorded("acl/agent-self.json");
const members = recorded<AgentMembers>("acl-policies/members.json");
const roleToken = recorded<AclToken>("acl-policies/self-role.json");

function answer(path: string, { status, body }: Pick<Exchange, "status" | "body">): RequestHandler {
  return http.get(`${address}/v1/${path}`, () => {
    return typeof body === "string" && status !== 200
      ? new HttpResponse(body, { status, headers: { "Content-Type": "text/plain; charset=utf-8" } })
      : new HttpResponse(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
}

const ok = (body: unknown) => ({ status: 200, body });
const fails = (status: number, body: string) => ({ status, body });

/** A cluster with ACLs as a token with the rights of `reader` finds it; `first` goes before that. */
function cluster(...first: RequestHandler[]): void {
  server.use(
    ...first,
    answer("acl/token/self", recorded<AclToken>("acl/self.json")),
    answer("acl/policy/reader", recorded<AclPolicy>("acl/policy-read.json")),
    answer("acl/policy/nodes", recorded<AclPolicy>("acl-policies/policy-nodes.json")),
    answer("acl/policy/:name", fails(404, "ACL policy not found")),
    answer("acl/role/:id", recorded<AclRole>("acl-policies/role.json")),
    answer("status/leader", ok("127.0.0.1:14647")),
    answer("agent/members", refused),
    answer("namespace/default", ok({ Name: "default" })),
    answer("namespace/:name", refused),
  );
}

/** The answer in a session that offers these tools. */
async function tell(settings: SomeSettings = {}, args: Record<string, unknown> = {}): Promise<string> {
  const enabledTools = ["check_connection", "list_nomad_jobs", "get_job_status", "get_job_logs", "stop_job"];
  const session = await openSession({
    address,
    token: "2ac63bf7-07e2-5329-cfd0-143645dfbe47",
    enabledTools,
    ...settings,
  });
  const { text, isError } = await session.call("check_connection", args);
  await session.close();
  expect(isError).toBe(false);
  expect(text).not.toMatch(/2ac63bf7-07e2/);
  return text;
}

test("a token that reads", async () => {
  cluster();
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works, 3 of 5 tools can be used with this token
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: reader (client, accessor ffbb49b1); policy reader; never expires
      cannot be used:
        get_job_logs: needs read-logs in namespace default
        stop_job: needs submit-job in namespace default
      can be used, and tell less:
        list_nomad_jobs, check_connection: want node:read
        get_job_status: wants read-logs in namespace default and node:read and operator:read
      a policy that allows all of it:
        namespace "default" { capabilities = ["read-fs", "read-logs", "submit-job"] }
        node { policy = "read" }
        operator { policy = "read" }"
  `);
});

test("a token with a role, that expires", async () => {
  cluster(answer("acl/token/self", roleToken), answer("agent/members", members));
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works, 3 of 5 tools can be used with this token
      Nomad: 2.0.6-dev, region global, leader acl-1.global (127.0.0.1:14647)
      token: role (client, accessor c9d7ca68); role ops, policies reader and nodes; expires in 1h12m (2026-11-21T02:12:16Z)
      cannot be used:
        get_job_logs: needs read-logs in namespace default
        stop_job: needs submit-job in namespace default
      can be used, and tell less:
        get_job_status: wants read-logs in namespace default and operator:read
      a policy that allows all of it:
        namespace "default" { capabilities = ["read-fs", "read-logs", "submit-job"] }
        operator { policy = "read" }"
  `);
});

test("what only a management token may is in no policy that is told", async () => {
  cluster();
  const enabledTools = ["revoke_token", "collect_garbage", "stop_job", "check_connection"];
  expect(await tell({ enabledTools })).toMatchInlineSnapshot(`
    "http://nomad.test:4646: Nomad answers, but the token lets no tool through
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: reader (client, accessor ffbb49b1); policy reader; never expires
      cannot be used:
        stop_job: needs submit-job in namespace default
        revoke_token: needs management, which no policy gives
        collect_garbage: needs node:read and management, which no policy gives
      can be used, and tell less:
        check_connection: wants node:read
      a policy that allows the rest:
        namespace "default" { capabilities = ["submit-job"] }
        node { policy = "read" }"
  `);
});

test("a management token", async () => {
  cluster(
    answer("acl/token/self", ok({ ...roleToken.body, Type: "management", Name: "root" })),
    answer("agent/members", members),
  );
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works, all 5 tools can be used
      Nomad: 2.0.6-dev, region global, leader acl-1.global (127.0.0.1:14647)
      token: root (management, accessor c9d7ca68); may do everything; expires in 1h12m (2026-11-21T02:12:16Z)"
  `);
});

test("no token, and no policy for anonymous", async () => {
  cluster(answer("acl/token/self", recorded<AclToken>("acl/self-none.json")));
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: Nomad answers, but the token lets no tool through
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: none is set (NOMAD_TOKEN), so that Nomad takes us for anonymous, for whom there is no policy
      cannot be used:
        list_nomad_jobs: needs list-jobs in namespace default
        get_job_status: needs list-jobs and read-job in namespace default
        get_job_logs: needs list-jobs, read-job and read-logs in namespace default
        stop_job: needs list-jobs, read-job and submit-job in namespace default
      can be used, and tell less:
        check_connection: wants list-jobs in namespace default and node:read
      a policy that allows all of it:
        namespace "default" { capabilities = ["host-volume-read", "list-jobs", "read-fs", "read-job", "read-logs", "submit-job"] }
        node { policy = "read" }
        operator { policy = "read" }"
  `);
});

test("policies about another namespace, and one that is not there", async () => {
  const prod = structuredClone(recorded<AclPolicy>("acl/policy-read.json").body);
  for (const rule of prod.RulesJSON?.Namespaces ?? []) Object.assign(rule, { Name: "prod" });
  cluster(
    answer("acl/token/self", ok({ ...roleToken.body, Roles: null, Policies: ["prod", "gone"] })),
    answer("acl/policy/prod", ok(prod)),
  );
  expect(await tell({ enabledTools: ["check_connection", "get_job_status"] })).toMatchInlineSnapshot(`
    "http://nomad.test:4646: Nomad answers, but the token lets no tool through
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: role (client, accessor c9d7ca68); policy prod, policy gone that does not exist; expires in 1h12m (2026-11-21T02:12:16Z)
      namespace: the token may do nothing in default; where it may is prod: set NOMAD_NAMESPACE, or name it in the call
      cannot be used:
        get_job_status: needs list-jobs and read-job in namespace default
      can be used, and tell less:
        check_connection: wants list-jobs in namespace default and node:read
      a policy that allows all of it:
        namespace "default" { capabilities = ["host-volume-read", "list-jobs", "read-job", "read-logs"] }
        node { policy = "read" }
        operator { policy = "read" }"
  `);
});

test("a policy that cannot be read: nothing is claimed", async () => {
  cluster(answer("acl/policy/reader", refused));
  expect(await tell({ enabledTools: ["check_connection", "get_job_status"] })).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works; which tools the token lets through cannot be told
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: reader (client, accessor ffbb49b1); policy reader that cannot be read; never expires
      may be refused, what the token grants cannot be told:
        get_job_status: needs list-jobs and read-job in namespace default"
  `);
});

test.each([
  ["unknown", fails(403, "Permission denied")],
  ["expired", fails(500, "ACL token expired")],
  [
    "no token at all",
    fails(500, "failed to parse signed token: go-jose/go-jose: compact JWS format must have three parts"),
  ],
])("a token that is %s", async (_, self) => {
  cluster(answer("acl/token/self", self), answer("acl/policy/self", refused), answer("jobs", refused));
  expect(await tell()).toBe(
    `${address}: Nomad answers, but refuses the token
  Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
  token: unknown to Nomad, or expired: set a valid one (NOMAD_TOKEN)`,
  );
});

test("a task's own token", async () => {
  cluster(
    answer("acl/token/self", fails(404, "ACL token not found")),
    answer("acl/policy/self", recorded("acl-policies/policy-self.json")),
  );
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works, 3 of 5 tools can be used with this token
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: that of a task (workload identity); policies nodes and reader
      cannot be used:
        get_job_logs: needs read-logs in namespace default
        stop_job: needs submit-job in namespace default
      can be used, and tell less:
        get_job_status: wants read-logs in namespace default and operator:read
      a policy that allows all of it:
        namespace "default" { capabilities = ["read-fs", "read-logs", "submit-job"] }
        operator { policy = "read" }"
  `);
});

test("a task's own token before Nomad 1.10.2: nothing is claimed", async () => {
  cluster(
    answer("acl/token/self", fails(404, "ACL token not found")),
    answer("acl/policy/self", fails(404, "ACL policy not found")),
    answer("jobs", ok([])),
  );
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works; which tools the token lets through cannot be told
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: that of a task (workload identity); its policies that cannot be read
      may be refused, what the token grants cannot be told:
        list_nomad_jobs: needs list-jobs in namespace default
        get_job_status: needs list-jobs and read-job in namespace default
        get_job_logs: needs list-jobs, read-job and read-logs in namespace default
        stop_job: needs list-jobs, read-job and submit-job in namespace default"
  `);
});

test("a task's own token where there are no ACLs", async () => {
  cluster(
    answer("acl/token/self", fails(404, "ACL token not found")),
    answer("acl/policy/self", fails(403, "Permission denied")),
    answer("acl/policy/anonymous", fails(400, "ACL support disabled")),
  );
  expect(await tell()).toContain(
    "token: none is needed, the cluster has no ACLs: whoever reaches it may do everything",
  );
});

test("an old Nomad without ACLs", async () => {
  const old = structuredClone(members.body);
  for (const { Tags } of old.Members ?? []) Object.assign(Tags ?? {}, { build: "1.4.3" });
  cluster(answer("acl/token/self", fails(400, "ACL support disabled")), answer("agent/members", ok(old)));
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: works, all 5 tools can be used
      Nomad: 1.4.3, region global, leader acl-1.global (127.0.0.1:14647); this server is written for 1.6 and later
      token: none is needed, the cluster has no ACLs: whoever reaches it may do everything"
  `);
});

test("no leader", async () => {
  cluster(answer("acl/token/self", fails(400, "ACL support disabled")), answer("status/leader", ok("")));
  expect((await tell()).split("\n")[0]).toBe(
    `${address}: Nomad answers, but its servers have no leader, so that it takes no requests`,
  );
});

test("something that is not Nomad", async () => {
  server.use(http.get(`${address}/v1/*`, () => HttpResponse.html("<title>Sign in</title>", { status: 200 })));
  expect(await tell()).toMatchInlineSnapshot(`
    "http://nomad.test:4646: cannot be worked with
      GET /v1/acl/token/self failed: Sign in
      What answered is not Nomad but something in front of it (proxy, load balancer, login page). Check NOMAD_ADDR (http://nomad.test:4646) and that Nomad runs behind it."
  `);
});

test("a path that leads to no API", async () => {
  server.use(http.get(`${address}/v1/*`, () => new HttpResponse("404 page not found", { status: 404 })));
  expect(await tell()).toMatch(
    /^http:\S+: cannot be worked with\n.*404 page not found\n {2}What answered is not Nomad/,
  );
});

test("the namespaces that may be touched, each of them", async () => {
  cluster(answer("namespace/prod", refused));
  const text = await tell(
    { namespaces: ["default", "prod"], enabledTools: ["check_connection", "get_job_status"] },
    { namespace: "prod" },
  );
  expect(text).toMatchInlineSnapshot(`
    "http://nomad.test:4646: Nomad answers, but the token lets no tool through
      Nomad: version not told (that needs node:read), leader 127.0.0.1:14647
      token: reader (client, accessor ffbb49b1); policy reader; never expires
      namespace: the token may do nothing in prod; where it may is default: set NOMAD_NAMESPACE, or name it in the call
      cannot be used:
        get_job_status: needs list-jobs and read-job in namespace prod
      can be used, and tell less:
        check_connection: wants list-jobs in namespace prod and node:read
      a policy that allows all of it:
        namespace "prod" { capabilities = ["host-volume-read", "list-jobs", "read-job", "read-logs"] }
        node { policy = "read" }
        operator { policy = "read" }"
  `);
});

test("the demo cluster, which has no ACLs", async () => {
  const session = await demoSession();
  const { text } = await session.call("check_connection", {});
  expect(text.replace(session.demo.address, "<address>").replace(/all \d+/, "all <n>")).toMatchInlineSnapshot(`
    "<address>: works, all <n> tools can be used
      Nomad: 2.0.5, region global, leader demo-server.global (127.0.0.1:4647)
      token: none is needed, the cluster has no ACLs: whoever reaches it may do everything"
  `);
  const { text: nowhere } = await session.call("check_connection", { namespace: "prodd" });
  expect(nowhere).toContain("Nomad answers, but there is no namespace prodd");
  await session.close();
});

test("nothing answers", async () => {
  const gone = await serve(() => {});
  await gone.stop();
  const text = await tell({ address: `http://127.0.0.1:${gone.port}` });
  expect(text.replaceAll(String(gone.port), "<port>")).toMatchInlineSnapshot(`
    "http://127.0.0.1:<port>: cannot be worked with
      GET /v1/acl/token/self failed: connect ECONNREFUSED 127.0.0.1:<port>
      Nothing answers at http://127.0.0.1:<port>. Check NOMAD_ADDR, that the Nomad agent runs, and VPN or firewall."
  `);
});

test("TLS: until when, and which file fails", async () => {
  vi.useRealTimers();
  const folder = makeFolder();
  const [ca, other] = [await makeAuthority("Nomad CA"), await makeAuthority("Other CA")];
  const issued = await ca.issue("localhost", { to: 10 });
  const nomad = await serve((_, response) => response.writeHead(400).end("ACL support disabled"), issued);
  const at = { address: `https://localhost:${nomad.port}` };
  const told = async (caCert: string) => {
    const text = await tell({ ...at, caCert });
    return text
      .replaceAll(`${folder.path}/`, "")
      .replaceAll(String(nomad.port), "<port>")
      .replaceAll(/for (\d+[dh])+, until \d+-\S+Z/g, "for <days>, until <time>");
  };
  expect(await told(folder.write("ca.pem", ca.cert))).toMatchInlineSnapshot(`
    "https://localhost:<port>: Nomad answers, but its servers have no leader, so that it takes no requests
      TLS: the server's certificate is CN=localhost, issued by CN=Nomad CA, valid for <days>, until <time>
      TLS: CA CN=Nomad CA, valid for <days>, until <time> (ca.pem)
      Nomad: version not told (that needs node:read), no leader
      token: none is needed, the cluster has no ACLs: whoever reaches it may do everything"
  `);
  expect(await told(folder.write("other.pem", other.cert))).toMatchInlineSnapshot(`
    "https://localhost:<port>: cannot be worked with
      GET /v1/acl/token/self failed: Nomad's certificate (CN=localhost, issued by CN=Nomad CA) is not signed by a CA in other.pem (NOMAD_CACERT)
      TLS: the server's certificate is CN=localhost, issued by CN=Nomad CA, valid for <days>, until <time>
      TLS: CA CN=Other CA, valid for <days>, until <time> (other.pem)"
  `);
  await nomad.stop();
  folder.remove();
});
