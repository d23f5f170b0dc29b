import { readdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { NomadError } from "../../src/api/errors/errors.ts";
import { Refusal } from "../../src/api/errors/refusal.ts";
import type { Cluster } from "../../src/cluster.ts";
import { createExchange } from "../../src/logins/exchange.ts";
import { loadSettings } from "../../src/settings/settings.ts";
import { open } from "../support/ask.ts";
import { makeFolder, serve } from "../support/authority.ts";
import { type Exchange, recorded } from "../support/recorded-state.ts";

// The exchange against what a real Nomad answered, over loopback.

const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.made-up-signature";

interface Came {
  readonly what: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** A cluster whose own token must not be sent, and what it was asked. */
async function nomad(
  answers: Readonly<Record<string, Pick<Exchange, "status" | "body">>>,
  argv: readonly string[] = [],
  socket?: string,
): Promise<{ readonly cluster: Cluster; readonly came: readonly Came[] }> {
  const came: Came[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = request.url?.split("?", 1)[0] ?? "";
    came.push({ what: `${request.method} ${path}`, token: request.headers["x-nomad-token"]?.toString(), body });
    const found = answers[path] ?? { status: 501, body: "not asked for in this test" };
    response.writeHead(found.status, {
      "content-type": typeof found.body === "string" ? "text/plain" : "application/json",
    });
    response.end(typeof found.body === "string" ? found.body : JSON.stringify(found.body));
  };
  const server = await serve(listener, undefined, socket);
  onTestFinished(() => server.stop());
  const address = socket === undefined ? `http://127.0.0.1:${server.port}` : `unix://${socket}`;
  const { settings } = await loadSettings([`--address=${address}`, ...argv], {});
  const transport = await open({ address });
  onTestFinished(() => transport.close());
  return { came, cluster: { settings: settings.clusters[0], transport, token: () => "the-server's-own" } };
}

const methods = recorded("acl-login/auth-methods-no-token.json");
const login = recorded("acl-login/login.json");

function exchange() {
  const outcomes: string[] = [];
  const counted = { loggedIn: (_: string, outcome: string) => void outcomes.push(outcome), sent: () => {} };
  return { ...createExchange(() => performance.now(), counted), outcomes };
}

test("at the method that is Nomad's default: name, token and how long it lives, without the server's own token", async () => {
  const { cluster, came } = await nomad({ "/v1/acl/auth-methods": methods, "/v1/acl/login": login });
  const { logIn, outcomes } = exchange();
  const given = login.body as { readonly SecretID: string; readonly AccessorID: string };
  expect(await logIn(cluster, jwt)).toEqual({ secret: given.SecretID, accessor: given.AccessorID, life: 3_600_000 });
  await logIn(cluster, jwt);
  expect(came.map(({ what, token }) => [what, token])).toEqual([
    ["GET /v1/acl/auth-methods", undefined],
    ["POST /v1/acl/login", undefined],
    ["POST /v1/acl/login", undefined],
  ]);
  expect(came.map(({ body }) => body && JSON.parse(body)).slice(1)).toEqual(
    Array.from({ length: 2 }, () => ({ AuthMethodName: "corp", LoginToken: jwt })),
  );
  expect(outcomes).toEqual(["ok", "ok"]);
});

test("at the method that is set, which nobody is asked for", async () => {
  const { cluster, came } = await nomad({ "/v1/acl/login": login }, ["--login-method=mcp"]);
  await exchange().logIn(cluster, jwt);
  expect(came.map(({ body }) => JSON.parse(body))).toEqual([{ AuthMethodName: "mcp", LoginToken: jwt }]);
});

test("at the only one of type JWT, where none is the default", async () => {
  const body = [
    { Name: "sso", Type: "OIDC", Default: true },
    { Name: "mcp", Type: "JWT", Default: false },
  ];
  const { cluster, came } = await nomad({ "/v1/acl/auth-methods": { status: 200, body }, "/v1/acl/login": login });
  await exchange().logIn(cluster, jwt);
  expect(JSON.parse(came[1]?.body ?? "")).toMatchObject({ AuthMethodName: "mcp" });
});

test.skipIf(process.platform === "win32")(
  "the socket in a task lets nobody through without a token: there the login has the server's own",
  async () => {
    const folder = makeFolder();
    onTestFinished(folder.remove);
    const answers = { "/v1/acl/auth-methods": methods, "/v1/acl/login": login, "/v1/acl/token/self": login };
    const { cluster, came } = await nomad(answers, [], `${folder.path}/api.sock`);
    const { logIn, knows } = exchange();
    const { secret } = await logIn(cluster, jwt);
    await knows(cluster, secret);
    expect(came.map(({ what, token }) => [what, token])).toEqual([
      ["GET /v1/acl/auth-methods", "the-server's-own"],
      ["POST /v1/acl/login", "the-server's-own"],
      ["GET /v1/acl/token/self", secret],
    ]);
  },
);

describe("which method is meant cannot be told", () => {
  test.each([
    ["there is none", [], "it has none"],
    ["none of type JWT", [{ Name: "sso", Type: "OIDC" }], "it has sso (OIDC), and none of type JWT"],
    [
      "several, none of them the default",
      [
        { Name: "a", Type: "JWT" },
        { Name: "b", Type: "JWT" },
      ],
      "it has a and b, none of which is its default",
    ],
  ])("%s: nobody is signed in, and the setting is named", async (_, body, says) => {
    const { cluster, came } = await nomad({ "/v1/acl/auth-methods": { status: 200, body } });
    const { logIn, outcomes } = exchange();
    await expect(logIn(cluster, jwt)).rejects.toThrow(
      `You cannot be signed in at Nomad, since it is not said by which of its auth methods: ${says}. Whoever runs this server sets NOMAD_MCP_LOGIN_METHOD`,
    );
    expect([came.length, outcomes]).toEqual([1, ["failed"]]);
  });
});

test("every refusal that was recorded, in words, and nothing of the access token in them", async () => {
  const folder = new URL("../recorded/acl-login/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.startsWith("login-"));
  expect(files.length).toBeGreaterThan(9);
  const told: string[] = [];
  for (const file of files.sort()) {
    const reply = recorded(`acl-login/${file}`);
    const { cluster } = await nomad({ "/v1/acl/login": reply }, ["--login-method=corp"]);
    const { logIn, outcomes } = exchange();
    const error = await logIn(cluster, jwt).catch((reason: unknown) => reason);
    // Nothing takes it for what Nomad says of an object that was asked for.
    expect(error).toBeInstanceOf(Refusal);
    const { message } = error as Refusal;
    expect(message).not.toMatch(/eyJ|made-up-signature/);
    expect(outcomes).toEqual(["refused"]);
    told.push(`== ${file}\n${message}`);
  }
  await expect(`${told.join("\n\n")}\n`).toMatchFileSnapshot("./told-logins.snap");
});

test("a Nomad without ACLs: the role is wrong for it", async () => {
  const off = { status: 400, body: "ACL support disabled" };
  const { cluster } = await nomad({ "/v1/acl/auth-methods": off });
  await expect(exchange().logIn(cluster, jwt)).rejects.toThrow(
    /ACLs are off in this cluster.*\n.*takes token = "login" out of your role\.$/s,
  );
});

test("a Nomad that cannot be asked says nothing of the person: the error is that of the connection", async () => {
  const { cluster } = await nomad({ "/v1/acl/login": { status: 500, body: "No cluster leader" } }, [
    "--login-method=corp",
  ]);
  const { logIn, outcomes } = exchange();
  await expect(logIn(cluster, jwt)).rejects.toBeInstanceOf(NomadError);
  await expect(logIn(cluster, jwt)).rejects.toMatchObject({ kind: "no_leader" });
  expect(outcomes).toEqual(["failed", "failed"]);
});

test.each([
  ["it is known, whatever it may do", 200, (login as Exchange).body, true],
  ["it has expired", 500, "ACL token expired", false],
  ["it is unknown or was revoked", 403, "Permission denied", false],
  ["Nomad does not tell", 500, "No cluster leader", undefined],
])("whether Nomad knows a token: %s", async (_, status, body, known) => {
  const { cluster, came } = await nomad({ "/v1/acl/token/self": { status, body } });
  expect(await exchange().knows(cluster, "theirs")).toBe(known);
  expect(new Set(came.map(({ token }) => token))).toEqual(new Set(["theirs"]));
});
