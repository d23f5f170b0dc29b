import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { NomadError } from "../../../src/api/errors/errors.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import type { CallerToken } from "../../../src/api/request/connection.ts";
import { createClients } from "../../../src/clients.ts";
import type { Cluster } from "../../../src/cluster.ts";
import { allocations } from "../../../src/endpoints/allocations.ts";
import { jobs } from "../../../src/endpoints/jobs.ts";
import { lookAtToken } from "../../../src/nomad/cluster/check/denied.ts";
import type { NomadClient } from "../../../src/nomad-client.ts";
import { createOwnSecrets } from "../../../src/secrets/own-secrets.ts";
import { createSecrets } from "../../../src/secrets/secrets.ts";
import { loadSettings } from "../../../src/settings/settings.ts";
import { open } from "../../support/ask.ts";

// A Nomad that knows one token at a time, and says of every other what Nomad says: "Permission denied".

const servers = "5e7e5e70-0000-4000-8000-00000000cafe";
const first = "11111111-aaaa-4aaa-8aaa-111111111111";
const second = "22222222-bbbb-4bbb-8bbb-222222222222";
const allocation_id = "4f2a9c31-5d0e-4b7a-9c1f-0123456789ab";

const evaluated = JSON.stringify({ EvalID: allocation_id, EvalCreateIndex: 7, JobModifyIndex: 7 });

let server: Server;
let sent: { readonly what: string; readonly token: string | undefined; readonly body: string }[];
let valid: string;
let close: () => Promise<void>;

beforeEach(async () => {
  sent = [];
  valid = first;
  server = createServer(async (request, reply) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const token = request.headers["x-nomad-token"];
    const what = `${request.method} ${request.url?.split("?", 1)[0]}`;
    sent.push({ what, token: token?.toString(), body });
    if (token !== valid) reply.writeHead(403).end("Permission denied");
    else reply.writeHead(200, { "Content-Type": "application/json" }).end(what.includes("/v1/jobs") ? "[]" : evaluated);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const token = request.headers["x-nomad-token"]?.toString();
    sent.push({ what: "exec", token, body: "" });
    sockets.handleUpgrade(request, socket, head, (channel) => {
      // As Nomad: it upgrades first, and refuses with a close frame.
      if (token !== valid) channel.close(1008, "Permission denied");
      else channel.send('{"exited":true,"result":{"exit_code":0}}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  close = async () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(async () => await close());

const secrets = createSecrets(createOwnSecrets());

/** The client of a cluster whose own token is `servers`, for somebody who calls with theirs. */
async function clientFor(caller: CallerToken | undefined): Promise<NomadClient> {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { settings } = await loadSettings([], { NOMAD_ADDR: address });
  const transport = await open({ address });
  const shut = close;
  close = async () => {
    await transport.close();
    await shut();
  };
  const cluster: Cluster = { settings: settings.clusters[0], transport, token: () => servers };
  return createClients({ first: "default", secrets, caller: () => caller })(cluster);
}

/** A caller whose token is `tokens[0]`, then each next one when it was refused. */
function callerWith(...tokens: string[]): CallerToken & { readonly refused: string[] } {
  const refused: string[] = [];
  return {
    refused,
    current: async () => tokens[0] ?? expect.fail("no token"),
    async renewed(token) {
      refused.push(token);
      if (token === tokens[0]) tokens.shift();
      return tokens[0];
    },
  };
}

const tokensSent = () => sent.map(({ token }) => token);

/** Each way in which a request goes out. */
const ways = {
  "a read": (nomad: NomadClient) => nomad.list(jobs.list),
  "a change": (nomad: NomadClient) => nomad.write(jobs.evaluate, { job_id: "web" }, { JobID: "web" }),
  bytes: (nomad: NomadClient) => nomad.bytes(allocations.logs, { allocation_id }, 1_000),
  "a stream": async (nomad: NomadClient) => {
    for await (const _ of nomad.follow(allocations.logs, { allocation_id }, 5));
  },
  "a websocket": (nomad: NomadClient) =>
    nomad.converse(allocations.exec, { allocation_id }, { said: [], hear: () => true, ms: 5_000 }),
};

test.each(Object.entries(ways))("%s is sent with the token of whoever calls", async (_, ask) => {
  await ask(await clientFor(callerWith(first)));
  expect(tokensSent()).toEqual([first]);
});

test.each(Object.entries(ways))("%s that is refused is sent once more with another token, whole", async (_, ask) => {
  valid = second;
  const caller = callerWith(first, second);
  await ask(await clientFor(caller));
  expect(tokensSent()).toEqual([first, second]);
  expect(sent[1]).toEqual({ ...sent[0], token: second });
  expect(caller.refused).toEqual([first]);
});

test.each(Object.entries(ways))("%s is sent no third time", async (_, ask) => {
  valid = "nobody's";
  const nomad = await clientFor(callerWith(first, second, "third"));
  const error = await ask(nomad).then(
    () => expect.fail("Nomad refused it"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NomadError);
  expect(error).toMatchObject({ kind: "forbidden", request: { token: true, ofCaller: "login" } });
  expect(tokensSent()).toEqual([first, second]);
});

test.each(Object.entries(ways))("%s ends in the words of whoever has no other token", async (_, ask) => {
  valid = second;
  const renewed = () => Promise.reject(new Refusal("Sign in again."));
  await expect(ask(await clientFor({ current: async () => first, renewed }))).rejects.toThrow(
    new Refusal("Sign in again."),
  );
  expect(tokensSent()).toEqual([first]);
});

test("a token that is lost while it is looked at why it was refused: that is told, and nothing breaks", async () => {
  const nomad = await clientFor({ current: () => Promise.reject(new Refusal("Sign in again.")) });
  const request = {
    address: "",
    method: "GET",
    path: "/v1/jobs",
    acts: false,
    token: true,
    ofCaller: "login" as const,
  };
  const error = new NomadError("forbidden", request, "Permission denied", 403);
  expect(await lookAtToken(nomad, error)).toEqual({ meaning: "Sign in again." });
});

test("a refusal that stands is told as it is", async () => {
  valid = second;
  const nomad = await clientFor({ current: async () => first, renewed: async () => undefined });
  await expect(nomad.list(jobs.list)).rejects.toMatchObject({ kind: "forbidden", status: 403 });
  expect(tokensSent()).toEqual([first]);
});

test.each([["there is none"], ["it is not known in time"]])(
  "the server's own token is not sent where %s",
  async (why) => {
    const caller: CallerToken = {
      current: async (signal) =>
        why === "there is none"
          ? await Promise.reject(new Refusal("Sign in again."))
          : await new Promise((_, reject) => void signal.addEventListener("abort", () => reject(signal.reason))),
    };
    valid = servers;
    const nomad = (await clientFor(caller)).bounded(50, () => {});
    await expect(nomad.list(jobs.list)).rejects.toMatchObject(
      why === "there is none" ? { message: "Sign in again." } : { kind: "timeout", request: { sent: false } },
    );
    expect(sent).toEqual([]);
  },
);

test("without one it is the server's own", async () => {
  valid = servers;
  await (await clientFor(undefined)).list(jobs.list);
  expect(tokensSent()).toEqual([servers]);
});

test("each token that was sent is masked, and the server's own as well", async () => {
  valid = second;
  await (await clientFor(callerWith(first, second))).list(jobs.list);
  expect(secrets.mask(`${first} ${second} ${servers}`)).toBe("[masked] [masked] [masked]");
});

test("tokens of many do not push the server's own out of what is masked", async () => {
  const own = createOwnSecrets(3);
  const masking = createSecrets(own);
  const address = "http://127.0.0.1:9";
  const { settings } = await loadSettings([], { NOMAD_ADDR: address });
  const transport = await open({ address });
  const cluster: Cluster = { settings: settings.clusters[0], transport, token: () => servers };
  for (const digit of "123456789") {
    const token = `${digit.repeat(8)}-aaaa-4aaa-8aaa-${digit.repeat(12)}`;
    const nomad = createClients({ first: "default", secrets: masking, caller: () => callerWith(token) })(cluster);
    await nomad.list(jobs.list).catch(() => undefined);
    expect(masking.mask(token)).toBe("[masked]");
  }
  await transport.close();
  expect(masking.mask(servers)).toBe("[masked]");
});
