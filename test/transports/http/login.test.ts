import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { alertsAt } from "../../support/alerts.ts";
import { serve } from "../../support/authority.ts";
import { loginNomad } from "../../support/login-nomad.ts";
import { team } from "../../support/network-server.ts";
import { type Claims, oidcIssuer } from "../../support/oidc-issuer.ts";

// People who are signed in at Nomad as themselves, over the whole server: a provider, the server, and a Nomad that knows logins in
// front of the demo cluster.

const settings = `
token = "5e7e5e70-0000-4000-8000-00000000cafe"

[roles.people]
groups = ["*"]
token = "login"

[roles.programs]
read_only = true
`;
const servers = "5e7e5e70-0000-4000-8000-00000000cafe";

const anna = { sub: "1", email: "anna@example.com", groups: ["ops"] };
const bert = { sub: "2", email: "bert@example.com", groups: ["staff"] };

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A server at which people sign in, and the Nomad behind it. */
async function signedIn(...argv: readonly string[]) {
  const taken = await serve(() => {});
  await taken.stop();
  const url = `http://127.0.0.1:${taken.port}`;
  const provider = await oidcIssuer(`${url}/mcp`);
  const made = await team({ settings, people: { ci: "programs" } });
  const nomad = await loginNomad(made.demo.address);
  const audit = `${made.folder.path}/audit.log`;
  const start = async (...more: readonly string[]) =>
    await made.start(
      ...["--auth=oidc,keys", `--oidc-issuer=${provider.issuer}`, "--oidc-user-claim=email", `--public-url=${url}`],
      ...[`--listen=127.0.0.1:${taken.port}`, `--address=${nomad.address}`, "--audit=all", `--audit-log=${audit}`],
      ...["--max-calls=100", ...argv, ...more],
    );
  const server = await start();
  const answers: string[] = [];
  const callWith = async (token: string, tool: string, args: object): Promise<Reply> => {
    const asked = await server.ask(`/api/v1/tools/${tool}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(args),
    });
    const text = await asked.text();
    answers.push(text);
    return { status: asked.status, text };
  };
  const call = async (claims: Claims, tool = "list_nomad_jobs", args: object = {}) =>
    await callWith(await provider.token(claims), tool, args);
  const audited = () =>
    readFileSync(audit, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...made, nomad, provider, server, url, call, callWith, answers, audited };
}

const logins = (asked: readonly { readonly what: string }[]) =>
  asked.filter(({ what }) => what === "POST /v1/acl/login").length;

test("fifty calls at once are one login, and every request has the token that it gave", async () => {
  const { nomad, provider, callWith } = await signedIn();
  nomad.pause = 50;
  const token = await provider.token(anna);
  const replies = await Promise.all(Array.from({ length: 50 }, () => callWith(token, "list_nomad_jobs", {})));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(replies[0]?.text).toContain("web");
  expect([logins(nomad.asked), nomad.shown]).toEqual([1, [token]]);
  const others = nomad.asked.filter(
    ({ what }) => !what.startsWith("POST /v1/acl/login") && !what.endsWith("auth-methods"),
  );
  expect(others.length).toBeGreaterThanOrEqual(50);
  expect(new Set(others.map(({ as }) => as))).toEqual(new Set(["JWT-anna@example.com"]));
});

test("two people are two tokens, Nomad decides of each, and a refusal is told of their own token", async () => {
  const { nomad, call } = await signedIn();
  const stop = { job_id: "web", wait_seconds: 0 };
  const refused = await call(bert, "stop_job", stop);
  expect(refused.status).not.toBe(200);
  expect(refused.text).toContain("Your Nomad token needs the capability submit-job in namespace default:");
  expect(refused.text).toContain(
    "Your token is JWT-bert@example.com, with policy staff: whoever runs Nomad can give you more.",
  );
  expect(refused.text).not.toMatch(/NOMAD_TOKEN|setting token/);
  expect((await call(anna, "stop_job", stop)).status).toBe(200);
  expect(nomad.given.map(({ name }) => name)).toEqual(["JWT-bert@example.com", "JWT-anna@example.com"]);
  const deletes = nomad.asked.filter(({ what }) => what === "DELETE /v1/job/web");
  expect(deletes.map(({ as }) => as)).toEqual(["JWT-bert@example.com", "JWT-anna@example.com"]);
});

test("what a token may not do makes no login, however often it is tried", async () => {
  const { nomad, call } = await signedIn();
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 4 }, () => call(bert, "stop_job", { job_id: "web", wait_seconds: 0 })));
  }
  expect(logins(nomad.asked)).toBe(1);
});

test("a token that Nomad has forgotten is exchanged once, and the calls are answered, changes too", async () => {
  const { nomad, call } = await signedIn();
  await call(anna);
  nomad.revoke();
  const replies = await Promise.all(Array.from({ length: 10 }, () => call(anna)));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(logins(nomad.asked)).toBe(2);
});

test("a token that was taken back twice within half a minute is told as that, and not as too little", async () => {
  const { nomad, call } = await signedIn();
  await call(anna);
  nomad.revoke();
  expect((await call(anna)).status).toBe(200);
  nomad.revoke();
  const { status, text } = await call(anna);
  expect(status).toBe(422);
  expect(text).toContain("call again in half a minute, and you are signed in anew.");
  expect(text).not.toMatch(/capability|policy/);
  expect(logins(nomad.asked)).toBe(2);
});

test("a change that an expired token is refused for is sent once more, and once", async () => {
  const { nomad, call, provider, callWith } = await signedIn();
  await call(anna);
  nomad.revoke();
  const stopped = await callWith(await provider.token(anna), "scale_job", { job_id: "web", count: 2, wait_seconds: 0 });
  expect(stopped.status).toBe(200);
  expect(logins(nomad.asked)).toBe(2);
  const changes = nomad.asked.filter(({ what }) => /^(POST|PUT) \/v1\/job\/web\/scale/.test(what));
  expect(changes.map(({ as }) => as).at(-1)).toBe("JWT-anna@example.com");
  expect(changes.filter(({ as }) => as === "JWT-anna@example.com")).toHaveLength(1);
});

test("a token that lives for seconds is exchanged before it ends, without a refusal", async () => {
  const { nomad, call } = await signedIn();
  nomad.life = 3_000;
  await call(anna);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect((await call(anna)).status).toBe(200);
  expect(logins(nomad.asked)).toBe(2);
  expect(nomad.asked.filter(({ what }) => what.endsWith("/self"))).toEqual([]);
});

test("whoever shows a new access token keeps their login, and whoever is in other groups signs in anew", async () => {
  const { nomad, call } = await signedIn();
  const exp = Math.floor(Date.now() / 1000);
  await call({ ...anna, exp: exp + 600 });
  await call({ ...anna, exp: exp + 1_200 });
  expect(logins(nomad.asked)).toBe(1);
  const stop = { job_id: "web", wait_seconds: 0 };
  expect((await call({ ...anna, groups: ["staff"] }, "stop_job", stop)).text).toContain("with policy staff");
  expect(logins(nomad.asked)).toBe(2);
});

test("with the last access token that holds, all is forgotten", async () => {
  const { nomad, call } = await signedIn();
  const soon = Math.floor(Date.now() / 1000) + 60;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  await call({ ...anna, exp: soon });
  await vi.advanceTimersByTimeAsync(95_000);
  vi.useRealTimers();
  await call({ ...anna, exp: soon + 600 });
  expect([logins(nomad.asked), nomad.shown.length]).toEqual([2, 2]);
});

test("each of many people signs in once, also where there are more of them than sessions", {
  timeout: 60_000,
}, async () => {
  const { nomad, call } = await signedIn("--rate=100000/s");
  const others = Array.from({ length: 201 }, (_, number) => ({ ...bert, sub: `other-${number}` }));
  await call(anna);
  for (let at = 0; at < others.length; at += 50) await Promise.all(others.slice(at, at + 50).map((each) => call(each)));
  expect(logins(nomad.asked)).toBe(202);
  expect((await call(anna)).status).toBe(200);
  expect(logins(nomad.asked)).toBe(202);
});

describe("two access tokens of one person that say something else of them", () => {
  const stop = { job_id: "web", wait_seconds: 0 };
  const soon = Math.floor(Date.now() / 1000);
  const weak = { ...bert, acr: "pwd", exp: soon + 7_200 };
  const strong = { ...bert, acr: "mfa", exp: soon + 600 };

  test("the weaker one, shown after the stronger one, may no more than by itself", async () => {
    const { nomad, call } = await signedIn();
    expect((await call(strong)).status).toBe(200);
    const refused = await call({ ...weak, exp: soon + 60 }, "stop_job", stop);
    expect(refused.text).toContain("with policy staff: whoever runs Nomad can give you more.");
    expect(logins(nomad.asked)).toBe(2);
  });

  test("the stronger one counts at once, also where the weaker one was shown before and ends later", async () => {
    const { call } = await signedIn();
    expect((await call(weak, "stop_job", stop)).status).not.toBe(200);
    expect((await call(strong, "stop_job", stop)).status).toBe(200);
    expect((await call(weak, "scale_job", { job_id: "cache", count: 2 })).status).not.toBe(200);
  });

  test("one that Nomad gives nothing for shuts out none that it does, though it ends later", async () => {
    const { call } = await signedIn();
    const { email: _, ...useless } = weak;
    expect((await call(useless)).text).toContain("failed to generate ACL token name");
    expect((await call(strong)).status).toBe(200);
  });
});

describe("what Nomad says no to", () => {
  test("no binding rule: the call says so, with a next step, and nothing was sent in anybody else's name", async () => {
    const { nomad, call, server } = await signedIn();
    const { status, text } = await call({ ...bert, groups: ["sales"] });
    expect(status).not.toBe(200);
    expect(text).toContain("no role or policy bindings matched");
    expect(text).toContain("Whoever runs Nomad can add one");
    expect(nomad.asked.every(({ as, what }) => as === undefined && what.includes("/v1/acl/"))).toBe(true);
    expect(server.log.at(-1)).toMatch(
      /422 for POST .* of bert@example\.com: You could not be signed in at Nomad by its auth method corp: .*no role/,
    );
  });

  test("over MCP it is the error of the call", async () => {
    const { nomad, provider, server } = await signedIn();
    nomad.instead = "login-audience";
    const headers = {
      authorization: `Bearer ${await provider.token(anna)}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const params = { name: "list_nomad_jobs", arguments: {} };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    const asked = await server.ask("/mcp", { method: "POST", headers, body });
    const said = await asked.text();
    expect(said).toContain('"isError":true');
    expect(said).toContain("to its BoundAudiences.");
  });

  test("nothing answers there: as for everybody else", async () => {
    const { call, server } = await signedIn("--address=http://127.0.0.1:9", "--metrics-listen=127.0.0.1:0");
    expect((await call(anna)).text).toMatch(/Nothing answers at http:\/\/127\.0\.0\.1:9/);
    const metrics = await (await fetch(`${server.serving.metrics}/metrics`)).text();
    expect(alertsAt(metrics)).toEqual(expect.arrayContaining(["NomadMcpNomadUnreachable", "NomadMcpLoginsFail"]));
  });
});

test("keys beside it go on with the server's own token", async () => {
  const { nomad, server, demo } = await signedIn();
  await server.ask("/api/v1/tools/list_nomad_jobs", {
    ...{ who: "ci", method: "POST", body: "{}" },
    headers: { "content-type": "application/json" },
  });
  expect(nomad.asked.map(({ as, head }) => [as, head.includes(servers)])).toContainEqual(["unknown", true]);
  expect([logins(nomad.asked), demo.requests.length]).toEqual([0, 0]);
});

test("a key of such a role stops the start", async () => {
  const made = await team({ settings, people: { ci: "people" } });
  await expect(
    made.start("--auth=oidc,keys", "--oidc-issuer=http://127.0.0.1:9", "--public-url=http://127.0.0.1:1"),
  ).rejects.toThrow(/keys\.toml:3:1 keys\.ci: the role people has token = "login", for which people sign in/);
});

test("the audit log names Nomad's accessor of the token, and whose it is", async () => {
  const { nomad, call, audited } = await signedIn();
  await call(anna, "list_nomad_jobs");
  await call(anna, "stop_job", { job_id: "web", wait_seconds: 0 });
  const [token] = nomad.given;
  const lines = audited();
  expect(lines.map(({ phase, principal, nomad_accessor }) => [phase, principal, nomad_accessor])).toEqual([
    // What is written down before anything is sent cannot know a token that is not there yet.
    ["intent", "anna@example.com", undefined],
    ["outcome", "anna@example.com", token?.accessor],
    ["intent", "anna@example.com", token?.accessor],
    ["outcome", "anna@example.com", token?.accessor],
  ]);
});

test("neither access tokens nor tokens of Nomad stand in an answer, the log or the audit log, and only logins have the former", async () => {
  const { nomad, provider, callWith, answers, server, audited } = await signedIn();
  const token = await provider.token(anna);
  await callWith(token, "list_nomad_jobs", {});
  const [{ secret } = expect.fail("no login")] = nomad.given;
  await callWith(token, "get_job_status", { job_id: secret });
  await callWith(token, "get_job_status", { job_id: token });
  await callWith(token, "search_nomad", { query: secret });
  nomad.revoke();
  await callWith(token, "list_nomad_jobs", {});
  for (const file of ["login-audience", "login-no-binding", "login-no-claim-for-name"]) {
    nomad.revoke();
    nomad.instead = file;
    await callWith(await provider.token({ ...anna, groups: ["ops", file] }), "list_nomad_jobs", {});
  }
  expect(nomad.given).toHaveLength(2);
  const written = [...answers, ...server.log, JSON.stringify(audited())].join("\n");
  for (const each of nomad.given) expect(written).not.toContain(each.secret);
  for (const each of nomad.shown) {
    const [, claims = "", signature = ""] = each.split(".");
    expect(written).not.toContain(claims);
    expect(written).not.toContain(signature);
  }
  expect(nomad.asked.map(({ head }) => head).join("\n")).not.toMatch(/eyJ|authorization|bearer/i);
  expect(nomad.asked.map(({ head }) => head).join("\n")).not.toContain(servers);
});

test("whoever may only read signs in by it, too, and is counted", async () => {
  const { nomad, call, server } = await signedIn("--read-only", "--metrics-listen=127.0.0.1:0");
  expect((await call(bert)).status).toBe(200);
  nomad.revoke();
  await call({ ...bert, groups: ["sales"] });
  const metrics = await (await fetch(`${server.serving.metrics}/metrics`)).text();
  expect(metrics).toContain('nomad_mcp_nomad_logins_total{cluster="default",outcome="ok"} 1');
  expect(metrics).toContain('nomad_mcp_nomad_logins_total{cluster="default",outcome="refused"} 1');
});

test("what is found out about the connection is told of the person's token", async () => {
  const { call } = await signedIn();
  const { text } = await call(anna, "check_connection");
  expect(text).toContain("JWT-anna@example.com (client, accessor ");
});
