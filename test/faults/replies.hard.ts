import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addressOf, readText, slips } from "../fuzz/support.ts";
import { startServer } from "../support/program.ts";
import { recorded, recordedState } from "../support/recorded-state.ts";
import { openSession } from "../support/session.ts";
import {
  call as callAt,
  type Handler,
  healthy,
  hurry,
  kinds,
  page,
  servers,
  shortPauses,
  text,
  token,
} from "./support.ts";

// What comes back over a connection that stands: each fault against each kind of call.

const { serve, stop } = servers();
const call = (address: string, tool: string, args: Readonly<Record<string, unknown>>) =>
  callAt({ address }, tool, args);

beforeEach(shortPauses);
afterEach(stop);

interface Fault {
  readonly handle: Handler;
  /** What of it the operator reads. */
  readonly told: RegExp;
  /** How often a read is sent. */
  readonly tries: number;
  /** True where only time ends it. */
  readonly slow?: true;
  /** True where a write that met it may have reached Nomad all the same. */
  readonly unsure: boolean;
}

const json = { "Content-Type": "application/json" };

const faults: Readonly<Record<string, Fault>> = {
  "a connection that is reset": {
    handle: ({ socket }) => socket.resetAndDestroy(),
    told: /connection broke/i,
    tries: 3,
    unsure: true,
  },
  "a connection that is closed without a word": {
    handle: ({ socket }) => socket.destroy(),
    told: /connection broke/i,
    tries: 3,
    unsure: true,
  },
  "headers that do not come": {
    handle: () => {},
    told: /no answer within \d+ s/,
    tries: 1,
    slow: true,
    unsure: true,
  },
  "a body that does not end": {
    handle(_, response) {
      response.writeHead(200, json).write("[");
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    },
    told: /no answer within \d+ s/,
    tries: 1,
    slow: true,
    unsure: true,
  },
  "a body that is cut": {
    handle(request, response) {
      response.writeHead(200, { ...json, "Content-Length": "1000" }).write('[{"ID":"web"');
      setImmediate(() => request.socket.destroy());
    },
    told: /connection broke/i,
    tries: 3,
    unsure: true,
  },
  "a chunked body that is cut": {
    handle(request, response) {
      response.writeHead(200, json).write('[{"ID":"web"');
      setImmediate(() => request.socket.destroy());
    },
    told: /connection broke/i,
    tries: 3,
    unsure: true,
  },
  "half a JSON that ends as if it were whole": {
    handle: text(200, '[{"ID":"web"', "application/json"),
    told: /not JSON/i,
    tries: 1,
    unsure: true,
  },
  "a login page": {
    handle: text(200, page("Sign in"), "text/html"),
    told: /Sign in[\s\S]*not Nomad[\s\S]*NOMAD_ADDR/,
    tries: 1,
    unsure: false,
  },
  "a proxy whose Nomad is away": {
    handle: text(502, page("502 Bad Gateway"), "text/html"),
    told: /502 Bad Gateway[\s\S]*not Nomad/,
    tries: 3,
    unsure: true,
  },
  "a proxy that has waited long enough": {
    handle: text(504, "upstream request timeout"),
    told: /504 upstream request timeout/,
    tries: 3,
    unsure: true,
  },
  "too many connections": {
    handle(_, response) {
      response.writeHead(429, { Connection: "close" });
      response.end("Your IP is issuing too many concurrent connections, please rate limit your calls");
    },
    told: /429 Your IP[\s\S]*Wait a few seconds/,
    tries: 3,
    unsure: false,
  },
  "a proxy that finds no Nomad that is well": {
    handle: text(503, "no healthy upstream"),
    told: /503 no healthy upstream[\s\S]*not Nomad/,
    tries: 3,
    unsure: false,
  },
  "a page that is longer than any refusal": {
    handle: text(502, page("502 Bad Gateway") + "<p>.</p>".repeat(40_000), "text/html"),
    told: /502 Bad Gateway[\s\S]*not Nomad/,
    tries: 3,
    unsure: true,
  },
  "a picture": {
    handle: (_, response) =>
      response.writeHead(200, { "Content-Type": "image/png" }).end(Buffer.from("\x89PNG\r\n\x1a\n\0", "latin1")),
    told: /not JSON/,
    tries: 1,
    unsure: true,
  },
  "a redirect": {
    handle: (_, response) => response.writeHead(307, { Location: "http://127.0.0.1:9/v1" }).end(),
    told: /127\.0\.0\.1:9[\s\S]*Redirects are not followed/,
    tries: 1,
    unsure: false,
  },
  "a token that has expired": {
    handle: text(500, "rpc error: ACL token expired"),
    told: /ACL token expired[\s\S]*NOMAD_TOKEN/,
    tries: 1,
    unsure: false,
  },
  "no leader": {
    handle: text(500, "rpc error: No cluster leader"),
    told: /No cluster leader[\s\S]*get_server_health/,
    tries: 3,
    unsure: false,
  },
  "a token that may not": {
    // Any token may read itself.
    handle: (request, response) =>
      request.url?.startsWith("/v1/acl/token/self")
        ? text(200, JSON.stringify(recorded("acl/self.json").body))(request, response)
        : text(403, recorded<string>("acl/no-token-jobs.json").body)(request, response),
    told: /403 Permission denied[\s\S]*(capabilit|needs node:read)/,
    tries: 1,
    unsure: false,
  },
  "a token that Nomad does not know": {
    handle: text(403, recorded<string>("acl/no-token-jobs.json").body),
    told: /403 Permission denied[\s\S]*unknown to Nomad, has expired, or is cut off/,
    tries: 1,
    unsure: false,
  },
  "a fault inside Nomad": {
    handle: text(500, "rpc error: something is wrong"),
    told: /500 rpc error: something is wrong/,
    tries: 1,
    unsure: true,
  },
};

describe.each(Object.entries(faults))("%s", (_, { handle, told, tries, unsure, slow }) => {
  beforeEach(() => slow && hurry());
  // Far below a host's patience, far above what a busy machine needs.
  const within = 8_000;

  test.each([kinds.read, kinds.list, kinds.log])(
    "%s says what happened and what to do, in time",
    async (tool, args) => {
      const server = await serve(handle);
      const answered = await call(server.address, tool, args);
      expect(answered.isError).toBe(true);
      expect(answered.text).toMatch(told);
      expect(answered.text).toMatch(/GET \/v1\//);
      expect(answered.text).not.toContain(token);
      expect(answered.text.length).toBeLessThan(800);
      expect(answered.took).toBeLessThan(within);
      for (const path of new Set(server.received.map((request) => request.path))) {
        const times = server.received.filter((request) => request.path === path);
        // The status asks one route with three filters.
        expect(times.length, path).toBeLessThanOrEqual(path === "/v1/allocations" ? 3 * tries : tries);
      }
    },
  );

  test("reads of resources say the same", async () => {
    const server = await serve(handle);
    const session = await openSession({ address: server.address, token });
    const { resourceTemplates } = await session.client.listResourceTemplates();
    expect(resourceTemplates.length).toBeGreaterThan(5);
    const state = recordedState("crash-loop");
    // A file of the library is read without Nomad.
    const ofNomad = resourceTemplates.filter(({ name }) => name !== "job-file");
    const texts = ofNomad.map(({ uriTemplate }) => readText(session, addressOf(uriTemplate, state)));
    for (const said of await Promise.all(texts)) {
      expect(said).toMatch(told);
      expect(said).not.toContain(token);
      expect(said).not.toMatch(slips);
    }
    await session.close();
  });

  test("a read that meets it once", async () => {
    let met = 0;
    const once: Handler = (request, response) => {
      if (request.url?.startsWith("/v1/jobs?") && met++ === 0) return handle(request, response);
      healthy("web", handle, () => false)(request, response);
    };
    const server = await serve(once);
    const { isError } = await call(server.address, "list_nomad_jobs", {});
    expect(isError).toBe(tries === 1);
  });

  test("a write is sent once, and what is known of it is said", async () => {
    const server = await serve(healthy("crash-loop", handle, ({ method }) => method !== "GET"));
    const answered = await call(server.address, ...kinds.write);
    expect(answered.isError).toBe(true);
    expect(answered.text).toMatch(
      unsure ? /^DELETE \/v1\/job\/crash-loop may have happened: / : /^DELETE \/v1\/job\/crash-loop failed: /,
    );
    if (unsure) expect(answered.text).toContain("\nLook before you repeat it: `get_job_status job_id=crash-loop`.");
    expect(answered.text).not.toContain(token);
    expect(server.received.filter(({ method }) => method !== "GET")).toHaveLength(1);
    expect(answered.took).toBeLessThan(within);
  });

  test("a log that meets it: the answer does not pass for the whole log", async () => {
    const server = await serve(
      healthy("crash-loop", handle, ({ url }) => url?.startsWith("/v1/client/fs/logs/") === true),
    );
    const answered = await call(server.address, "get_job_logs", { job_id: "crash-loop" });
    expect(answered.text).not.toContain(token);
    if (!answered.isError) expect(answered.text).toMatch(/cut|broke|cannot|could not|not readable|out of reach/i);
    expect(answered.took).toBeLessThan(within);
  });
});

test("nobody listens", async () => {
  const server = await startServer(() => {});
  await server.stop();
  for (const tool of ["get_job_status", "stop_job"]) {
    const { isError, text: said } = await call(server.address, tool, { job_id: "web" });
    expect(isError).toBe(true);
    expect(said).toContain(`Nothing answers at ${server.address}`);
    expect(said).not.toContain("may have happened");
  }
});

describe("a redirect", () => {
  test.each([301, 302, 307, 308])("%i is not followed: the token goes nowhere else", async (status) => {
    const elsewhere = await serve(text(200, "[]", "application/json"));
    const server = await serve((request, response) => {
      response.writeHead(status, { Location: `${elsewhere.address}${request.url}` }).end();
    });
    for (const [tool, args] of [
      ["get_job_status", { job_id: "web" }],
      ["list_nomad_jobs", {}],
    ] as const) {
      const { isError, text: said } = await call(server.address, tool, args);
      expect(isError).toBe(true);
      expect(said).toContain(elsewhere.address);
      expect(said).toContain("set NOMAD_ADDR to the final address");
    }
    expect(elsewhere.received).toEqual([]);
  });

  test("of a write: sent once, and it did not happen", async () => {
    const elsewhere = await serve(text(200, "{}", "application/json"));
    const away: Handler = (_, response) => response.writeHead(307, { Location: elsewhere.address }).end();
    const server = await serve(healthy("crash-loop", away, ({ method }) => method !== "GET"));
    const { isError } = await call(server.address, "stop_job", { job_id: "crash-loop", wait_seconds: 0 });
    expect(isError).toBe(true);
    expect(server.received.filter(({ method }) => method !== "GET")).toHaveLength(1);
    expect(elsewhere.received).toEqual([]);
  });
});

describe.each(Object.entries(kinds))("an endless body meets a %s", (kind, [tool, args]) => {
  test("it is read to a bound, not to the end of our memory", async () => {
    let sent = 0;
    const endless: Handler = (_, response) => {
      response.writeHead(200, json).write("[");
      const more = () => {
        while (!response.destroyed && response.write("0,".repeat(50_000))) sent += 100_000;
        sent += 100_000;
      };
      response.on("drain", more);
      more();
    };
    const route = { read: "/v1/job/crash-loop?", list: "/v1/jobs?", log: "/v1/client/fs/logs/", write: "" }[kind];
    const hits: Parameters<typeof healthy>[2] = ({ method, url }) =>
      kind === "write" ? method === "DELETE" : url?.startsWith(route ?? "/") === true;
    const server = await serve(healthy("crash-loop", endless, hits));
    const answered = await call(server.address, tool, args);
    expect(answered.text).toMatch(/more than [\d,]+ (bytes|objects|values)|no answer within/);
    expect(answered.text).toMatch(kind === "write" ? /may have happened/ : /./);
    // Two streams of the log are read at once.
    expect(sent).toBeLessThan(90_000_000);
    expect(server.received.filter(({ method }) => method === "DELETE").length).toBeLessThanOrEqual(1);
  });
});

describe("JSON that is not what Nomad sends there", () => {
  test.each([
    ["another service's object", '{"status":"ok"}'],
    ["null", "null"],
    ["text", '"hello"'],
    ["a number", "42"],
  ])("%s: an error that says so, not a made-up answer", async (_, body) => {
    const server = await serve(text(200, body, "application/json"));
    for (const [tool, args] of [
      ["get_job_status", { job_id: "web" }],
      ["list_nomad_jobs", {}],
    ] as const) {
      const { isError, text: said } = await call(server.address, tool, args);
      // An empty list is what null means where a list belongs.
      if (tool === "list_nomad_jobs" && body === "null") expect(said).toContain("No jobs");
      else expect({ isError, said }).toMatchObject({ isError: true, said: expect.stringContaining("not Nomad") });
      expect(said).not.toMatch(/undefined|NaN|\[object|mistake in nomad-mcp/);
    }
  });

  test.each([
    ["lists", "[".repeat(200_000) + "]".repeat(200_000)],
    ["objects", `${'{"ID":'.repeat(200_000)}1${"}".repeat(200_000)}`],
  ])("%s in each other beyond all depth: said in words", async (_, body) => {
    const server = await serve(text(200, body, "application/json"));
    for (const [tool, args] of [kinds.read, kinds.list]) {
      const { isError, text: said } = await call(server.address, tool, args);
      expect(isError).toBe(true);
      expect(said).toMatch(
        /the reply is nested too deep|is (a list|an object), not|none of the object's fields is there/,
      );
      expect(said).not.toMatch(/mistake in nomad-mcp|call stack/);
    }
  });

  test("null where Go has an empty list or map is nothing, and no fault", async () => {
    const state = recordedState("web");
    const empty: Handler = (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://x");
      const job = { ...state.job, TaskGroups: null, Datacenters: null, Constraints: null };
      const body = /^\/v1\/job\/web$/.test(pathname)
        ? job
        : /summary$/.test(pathname)
          ? { ...state.summary, Summary: null, Children: null }
          : /scale$/.test(pathname)
            ? { JobStopped: false, TaskGroups: null }
            : null;
      text(200, JSON.stringify(body), "application/json")(request, response);
    };
    const server = await serve(empty);
    const { isError, text: said } = await call(server.address, "get_job_status", { job_id: "web" });
    expect(said).not.toMatch(/undefined|NaN|mistake/);
    expect(isError).toBe(false);
  });
});
