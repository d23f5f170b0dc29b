import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { compileFilter } from "demo-cluster/filter.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JobStub } from "../src/endpoints/jobs.ts";
import { Program, reply, run, startServer } from "./support/program.ts";
import { recorded } from "./support/recorded-state.ts";

// The built program as a host starts it, against an HTTP server that answers when a test lets it.

const pkg: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const jobs = recorded<JobStub[]>("lists/jobs.json").body;
const token = "5e5c9d1e-6ff5-4b1e-9d0f-0123456789ab";

let nomad: Awaited<ReturnType<typeof startServer>>;
let env: Record<string, string>;
/** What the server does with requests beside those for the list of jobs; nothing: they hang. */
let otherwise: (request: IncomingMessage, response: ServerResponse) => void;
let started: Program[];

beforeEach(async () => {
  otherwise = () => {};
  started = [];
  nomad = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    if (pathname === "/v1/jobs" && request.method === "GET") {
      reply(response, jobs.filter(compileFilter(searchParams.get("filter"))));
    } else if (pathname === "/v1/jobs/statuses") {
      reply(response, recorded("lists/statuses.json").body);
    } else otherwise(request, response);
  });
  env = { NOMAD_ADDR: nomad.address, NOMAD_TOKEN: token };
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await nomad.stop();
});

/** The program, speaking MCP. */
function start(args: string[] = [], more: Record<string, string> = {}): Program {
  const program = new Program(args, { ...env, ...more });
  started.push(program);
  return program;
}

async function initialized(args: string[] = [], more: Record<string, string> = {}): Promise<Program> {
  const program = start(args, more);
  await program.initialize();
  return program;
}

/** A tool that reads and whose first request is not answered. */
const hangs = ["get_job_status", { job_id: "web" }] as const;
const arrived = (path: string) => nomad.until((received) => received.some((request) => request.path === path));

describe("a session", () => {
  test("initialize, tools/list, a call: every line on stdout is a message", async () => {
    const program = start();
    const { result } = await program.initialize();
    expect(result).toMatchObject({
      protocolVersion: "2025-06-18",
      serverInfo: { name: "nomad-mcp", version: pkg.version },
      capabilities: { tools: {} },
    });
    const listed = await program.answer(program.send("tools/list"));
    expect(listed.result?.tools).toEqual(expect.arrayContaining([expect.objectContaining({ name: "get_job_status" })]));
    const called = await program.answer(program.call("list_nomad_jobs", { namespace: "*" }));
    expect(called.result?.content?.[0]?.text).toContain("crash-loop");
    expect(program.messages.every(({ jsonrpc }) => jsonrpc === "2.0")).toBe(true);
    expect(program.lines).toHaveLength(3);
  });

  test("one line on stderr: version, address, namespace, that there is a token", async () => {
    const program = await initialized(["--namespace=prod", "--read-only"]);
    await program.until(() => program.stderr.includes("\n"), "start line");
    expect(program.stderr).toBe(
      `nomad-mcp: ${pkg.version} ready: ${nomad.address}, namespace prod, token set, read-only\n`,
    );
  });

  test("a left-over placeholder is told, and taken as unset", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts leave over
    const program = await initialized([], { NOMAD_TOKEN: "${user_config.token}" });
    await program.until(() => program.stderr.includes("ready"), "start line");
    expect(program.stderr).toContain("NOMAD_TOKEN is a left-over placeholder");
    expect(program.stderr).toContain("no token");
  });

  test("an unreachable cluster does not stop the start: the tools say it", async () => {
    const program = await initialized([], { NOMAD_ADDR: "http://127.0.0.1:1" });
    const { result } = await program.answer(program.call("list_nomad_jobs"));
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toContain("Nothing answers at http://127.0.0.1:1");
  });

  test("a cancelled call ends its requests at once", async () => {
    const program = await initialized();
    const requestId = program.call(...hangs);
    await arrived("/v1/job/web");
    program.notify("notifications/cancelled", { requestId });
    await nomad.until((received) => received.length > 0 && received.every(({ abandoned }) => abandoned));
    expect((await program.answer(program.send("ping"))).result).toEqual({});
  });

  test("what is no message does no harm", async () => {
    const program = await initialized();
    for (const line of [
      "not json",
      "{",
      "[]",
      "null",
      '{"jsonrpc":"1.0","id":9,"method":"x"}',
      '{"id":1}',
      "",
      "\u0000",
    ]) {
      program.write(line);
    }
    program.write(`{"jsonrpc":"2.0","id":"long","method":"ping","params":{"x":"${"x".repeat(2_000_000)}"}}`);
    expect((await program.answer(program.send("ping"))).result).toEqual({});
    const unknown = await program.answer(program.send("tools/unknown"));
    expect(unknown.error?.code).toBe(-32601);
    expect((await program.answer(program.call("list_nomad_jobs"))).result?.isError).not.toBe(true);
    expect(program.child.exitCode).toBeNull();
  });

  test("a host that reads no stderr any more loses nothing", async () => {
    const program = await initialized();
    await program.until(() => program.stderr.includes("ready"), "start line");
    program.child.stderr.destroy();
    for (let index = 0; index < 3; index++) {
      const { result } = await program.answer(program.call("no_such_tool"));
      expect(result?.isError).toBe(true);
    }
    program.child.stdin.end();
    expect((await program.end()).code).toBe(0);
  });
});

describe("the host closes stdin", () => {
  test("idle: it ends within a second", async () => {
    const program = await initialized();
    program.child.stdin.end();
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeLessThan(1_000);
  });

  test("before it has said anything: the same", async () => {
    const { code, stdout } = await run([], env);
    expect(code).toBe(0);
    expect(stdout).toBe("");
  });

  test("all at once, as printf does: every call is answered first", async () => {
    otherwise = (_, response) => void setTimeout(() => reply(response, { message: "late" }, 404), 200);
    const clientInfo = { name: "printf", version: "0" };
    const requests = [
      { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } },
      { method: "notifications/initialized" },
      { id: 2, method: "tools/list" },
      { id: 3, method: "tools/call", params: { name: "list_nomad_jobs", arguments: {} } },
      { id: 4, method: "tools/call", params: { name: "get_job_status", arguments: { job_id: "late" } } },
    ];
    const input = requests.map((request) => `${JSON.stringify({ jsonrpc: "2.0", ...request })}\n`).join("");
    const { code, program, took } = await run([], env, input);
    expect(program.messages.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4]);
    expect(code).toBe(0);
    expect(took).toBeLessThan(4_000);
  });

  test("a call that is never answered: it ends after two seconds", async () => {
    const program = await initialized();
    program.call(...hangs);
    await arrived("/v1/job/web");
    program.child.stdin.end();
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(3_500);
  });
});

test("the host closes stdout: it ends at the first answer", async () => {
  const program = await initialized();
  program.child.stdout.destroy();
  program.send("ping");
  const { code, took } = await program.end();
  expect(code).toBe(0);
  expect(took).toBeLessThan(1_000);
});

describe.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s", (signal) => {
  test("idle: it ends within a second", async () => {
    const program = await initialized();
    program.child.kill(signal);
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeLessThan(1_000);
  });

  test("a read in flight ends at once", async () => {
    const program = await initialized();
    program.call(...hangs);
    await arrived("/v1/job/web");
    program.child.kill(signal);
    expect((await program.end()).took).toBeLessThan(1_000);
  });
});

describe("fifty calls in flight", () => {
  const leave: Readonly<Record<string, (program: Program) => unknown>> = {
    "end of stdin": ({ child }) => child.stdin.end(),
    "stdout closed": (program) => {
      program.child.stdout.destroy();
      program.send("ping");
    },
    SIGTERM: ({ child }) => child.kill("SIGTERM"),
    SIGINT: ({ child }) => child.kill("SIGINT"),
    SIGHUP: ({ child }) => child.kill("SIGHUP"),
  };

  test.each(Object.entries(leave))("%s: the process ends, and so does every request", async (_, way) => {
    let open = 0;
    otherwise = (_, response) => {
      open++;
      response.once("close", () => open--);
    };
    const program = await initialized();
    for (let call = 0; call < 50; call++) program.call(...hangs);
    // So many are under way towards a cluster at a time; the others wait in the queue.
    await nomad.until(() => open === 32);
    way(program);
    const { code, took } = await program.end();
    expect(code).toBe(0);
    expect(took).toBeLessThan(3_500);
    await vi.waitFor(() => expect(open).toBe(0));
  });
});

test("a host that starts two copies has two that answer, and one that leaves the other alone", async () => {
  const [one, other] = [await initialized(), await initialized()];
  one.child.stdin.end();
  await one.end();
  const { result } = await other.answer(other.call("list_nomad_jobs"));
  expect(result?.isError).not.toBe(true);
});

test("a call that fails leaves one line on stderr", async () => {
  otherwise = (_, response) => response.writeHead(403).end("Permission denied");
  const program = await initialized();
  await program.answer(program.call("get_job_status", { job_id: "web" }));
  program.child.stdin.end();
  await program.end();
  expect(program.stderr).toMatch(
    /^nomad-mcp: get_job_status failed: GET \/v1\/job\/web failed: 403 Permission denied$/m,
  );
});

describe("a signal while a write is in flight", () => {
  /** A job that runs; what is sent to change it is for the test to answer. */
  function changes(answer: (request: IncomingMessage, response: ServerResponse) => void): void {
    const job = recorded("web/job.json").body;
    otherwise = (request, response) => {
      if (request.method !== "GET") answer(request, response);
      else if (request.url?.startsWith("/v1/job/web?")) reply(response, job);
      else if (request.url?.startsWith("/v1/job/web/summary")) reply(response, recorded("web/summary.json").body);
      else reply(response, []);
    };
  }
  const stop = ["stop_job", { job_id: "web", wait_seconds: 0 }] as const;
  const sent = () => nomad.until((received) => received.some(({ method }) => method !== "GET"));

  test("it gets its answer, and the host gets it too", async () => {
    changes((_, response) => void setTimeout(() => reply(response, recorded("stop/hello.json").body), 500));
    const program = await initialized();
    const id = program.call(...stop);
    await sent();
    program.child.kill("SIGTERM");
    const { code, took } = await program.end();
    expect(program.messages.find((message) => message.id === id)?.result?.isError).not.toBe(true);
    expect(code).toBe(0);
    expect(took).toBeLessThan(2_500);
    expect(nomad.received.filter(({ method }) => method !== "GET")).toHaveLength(1);
  });

  test("one that is never answered ends after two seconds", async () => {
    changes(() => {});
    const program = await initialized();
    program.call(...stop);
    await sent();
    program.child.kill("SIGTERM");
    const { took } = await program.end();
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(3_500);
  });
});

describe("the token stays inside", () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ["denied", (_, response) => response.writeHead(403).end("Permission denied")],
    [
      "echoed by a proxy",
      (request, response) => response.writeHead(502).end(`bad token ${request.headers["x-nomad-token"]}`),
    ],
    ["echoed in a web page", (_, response) => response.writeHead(200).end(`<html><title>${token}</title></html>`)],
    ["redirected", (_, response) => response.writeHead(302, { Location: `http://127.0.0.1:1/?t=${token}` }).end()],
    ["broken", (request) => request.socket.destroy()],
  ])("%s", async (_, handle) => {
    otherwise = handle;
    const program = await initialized();
    const { result } = await program.answer(program.call("get_job_status", { job_id: "web" }));
    expect(result?.isError).toBe(true);
    program.child.stdin.end();
    await program.end();
    expect(nomad.received[0]?.headers["x-nomad-token"]).toBe(token);
    expect(program.output).not.toContain(token);
  });

  test("in the words of an argument", async () => {
    const program = await initialized();
    await program.answer(program.call("no_such_tool", { [token]: token }));
    await program.answer(program.call("list_nomad_jobs", { [token]: token }));
    program.child.stdin.end();
    await program.end();
    expect(program.output).not.toContain(token);
  });

  test("in what stops the start, and in --help", async () => {
    for (const args of [
      ["--help"],
      ["--address=nowhere"],
      ["--ca-cert=/nowhere"],
      ["--token", `${token}\u00e4`],
      [`--tokn=${token}`],
    ]) {
      expect((await run(args, env)).program.output, args.join(" ")).not.toContain(token);
    }
  });
});
