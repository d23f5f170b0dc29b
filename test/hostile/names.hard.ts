import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { CallToolResultSchema, type Tool } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, describe, expect, test, vi } from "vitest";
import { log } from "../../src/log.ts";
import { plausible, replyOf } from "../fuzz/support.ts";
import { type Forging, forge, forged, forgery, leaves, unseen } from "../support/hostile.ts";
import { startServer } from "../support/program.ts";
import { type RecordedState, recorded, recordedState } from "../support/recorded-state.ts";
import { openSession } from "../support/session.ts";

// Names and messages that read like lines of this server, with marks of every kind, in every place that Nomad lets
// somebody else write to. No tool, resource or prompt is named here: whatever the session offers is asked.

const files = mkdtempSync(join(tmpdir(), "hostile-"));
const audit = join(files, "audit.jsonl");
const stderr: string[] = [];
vi.spyOn(process.stderr, "write").mockImplementation((text) => {
  stderr.push(String(text));
  return true;
});

const counted = { surfaces: new Set<string>(), texts: 0, shown: 0 };
afterAll(() => {
  rmSync(files, { recursive: true });
  vi.restoreAllMocks();
  const { surfaces, texts, shown } = counted;
  process.stdout.write(
    `hostile names: ${surfaces.size} surfaces, ${texts} texts, ${shown} of them with a forgery in them, 0 forged lines\n`,
  );
});

/** Checks what left the process. A `surface` is a tool, resource, prompt, completion, question, progress or log. */
function check(surface: string, got: unknown): void {
  counted.surfaces.add(surface);
  for (const [place, text] of leaves(got, surface)) {
    counted.texts++;
    if (text.includes("evil")) counted.shown++;
    expect(text, place).not.toMatch(forged);
    expect(text, place).not.toMatch(unseen);
    expect(text, place).not.toMatch(/[\u{100000}-\u{10ffff}]/u);
  }
}

/** Everything that is no name: ids that Nomad makes, times, and the few words that say in which state something is. */
const fixed =
  /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT.*|service|batch|system|sysbatch|running|pending|dead|complete|failed|lost|run|stop|evict|successful|blocked|canceled|cancelled|paused|ready|down|eligible|ineligible|alive|success|failure|job-\w+|alloc-\w+|[A-Z][a-z]+(?: [A-Z][a-z]+)?|\d+|true|false|None|Edited|Added|Deleted)$/;
const isField = (key: string) => /^[A-Z][A-Za-z]*$/.test(key);

const namesOnly: Forging = { value: (text) => !fixed.test(text), key: () => false };
const forgings: Readonly<Record<string, Forging>> = {
  names: namesOnly,
  "every string": { value: () => true, key: () => false },
  "names of maps, too": { value: (text) => !fixed.test(text), key: (key) => !isField(key) },
  "every key": { value: () => true, key: () => true },
};

/** A Nomad in which somebody has put the forgery into everything; it knows its objects by their forged ids. */
async function hostileServer(state: RecordedState, forging: Forging) {
  const plain = (text: string) => text.replaceAll(forgery, "");
  return await startServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    const query = new URLSearchParams(
      Object.fromEntries([...url.searchParams].map(([key, value]) => [key, plain(value)])),
    );
    const path = encodeURI(plain(decodeURIComponent(url.pathname)));
    const reply = replyOf(state, request.method ?? "", `${path}?${query}`, (_, body) => forge(body, forging));
    const isJson = Object.entries(reply.headers).some(
      ([name, value]) => name === "Content-Type" && value.includes("json"),
    );
    response.writeHead(reply.status, reply.headers).end(isJson ? reply.text : reply.text + forgery);
  });
}

async function callAll(client: Client, tools: readonly Tool[], args: (tool: Tool) => Record<string, unknown>) {
  for (const tool of tools) {
    const progress: unknown[] = [];
    const call = { method: "tools/call" as const, params: { name: tool.name, arguments: args(tool) } };
    const result = await client.request(call, CallToolResultSchema, { onprogress: (told) => progress.push(told) });
    check(`tool ${tool.name}`, result);
    check("progress", progress);
  }
}

/** Text of a call with the forgery behind it, where it is text of the caller's own. */
const withForgery = (args: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      typeof value === "string" && !fixed.test(value) && key !== "job_file" ? value + forgery : value,
    ]),
  );

/** What an error of a request says, which a host shows as well. */
async function orError(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

async function readAll(client: Client, state: RecordedState): Promise<void> {
  const page = await client.listResources();
  check("list of resources", page);
  if (page.nextCursor) check("list of resources", await orError(client.listResources({ cursor: page.nextCursor })));
  const known: Readonly<Record<string, string | undefined>> = {
    cluster: "default",
    namespace: state.job.Namespace,
    job_id: state.job.ID,
    group: state.job.TaskGroups?.[0]?.Name,
    task: state.job.TaskGroups?.[0]?.Tasks?.[0]?.Name,
    allocation_id: state.allocations[0]?.ID,
    evaluation_id: state.evaluations[0]?.ID,
    deployment_id: state.deployments[0]?.ID,
    node_id: state.nodes[0]?.ID,
  };
  const { resourceTemplates } = await client.listResourceTemplates();
  for (const { uriTemplate: uri } of resourceTemplates) {
    const fill = (value: (name: string) => string) => uri.replaceAll(/\{(\w+)\}/g, (_, name: string) => value(name));
    const isOwn = (name: string) => name === "cluster" || name === "namespace" || fixed.test(known[name] ?? "");
    for (const address of [
      fill((name) => encodeURIComponent((known[name] ?? "x") + (isOwn(name) ? "" : forgery))),
      fill((name) => encodeURIComponent(known[name] ?? "x")),
      fill((name) => (known[name] ?? "x") + forgery),
    ]) {
      check(`resource ${uri}`, await orError(client.readResource({ uri: address })));
    }
    for (const [, name = ""] of uri.matchAll(/\{(\w+)\}/g)) {
      for (const value of ["", (known[name] ?? "").slice(0, 2), forgery]) {
        const ref = { type: "ref/resource" as const, uri };
        const context = {
          arguments: { job_id: `${known.job_id}${forgery}`, allocation_id: known.allocation_id ?? "" },
        };
        check(`completion of ${name}`, await client.complete({ ref, argument: { name, value }, context }));
      }
    }
  }
  const { prompts } = await client.listPrompts();
  for (const { name, arguments: wanted = [] } of prompts) {
    const own = wanted.filter(({ required }) => required);
    const args = Object.fromEntries(own.map((each) => [each.name, (known[each.name] ?? "job {}\n") + forgery]));
    check(`prompt ${name}`, await orError(client.getPrompt({ name, arguments: args })));
    check(`prompt ${name}`, await orError(client.getPrompt({ name, arguments: { ...args, [forgery]: "x" } })));
    for (const each of wanted) {
      const ref = { type: "ref/prompt" as const, name };
      check(`completion of ${each.name}`, await client.complete({ ref, argument: { name: each.name, value: "" } }));
    }
  }
  check("unknown resource", await orError(client.readResource({ uri: `nomad://${forgery}` })));
  check("unknown prompt", await orError(client.getPrompt({ name: forgery })));
  check("unknown tool", await orError(client.callTool({ name: forgery, arguments: {} })));
}

/** All that a session shows of one Nomad. Gives the first tool's answer that names the job, to see that it was found. */
async function askAll(state: RecordedState, forging: Forging): Promise<void> {
  const server = await hostileServer(state, forging);
  const settings = { address: server.address, auditLog: audit };
  const warn = (line: string) => void log.warn(line);
  const session = await openSession(settings, undefined, { warn });
  const asking = await openSession({ ...settings, confirm: "ask" }, (question) => {
    check("question", question);
    return "accept";
  });
  const unable = await openSession({ ...settings, confirm: "ask" });
  const { tools } = await session.client.listTools();
  const real = (tool: Tool) => withForgery(plausible(tool, state, true));
  await callAll(session.client, tools, real);
  await callAll(session.client, tools, (tool) => plausible(tool, state));
  await callAll(session.client, tools, (tool) => ({ ...real(tool), [`x${forgery}`]: forgery }));
  const risky = tools.filter(({ annotations }) => annotations?.destructiveHint);
  await callAll(asking.client, risky, real);
  await callAll(unable.client, risky, real);
  await readAll(session.client, state);
  await Promise.all([session.close(), asking.close(), unable.close(), server.stop()]);
  check("log", stderr);
  check("audit", readFileSync(audit, "utf8").split("\n"));
}

/** The folders of test/recorded that tell of a job. */
const jobs = readdirSync(new URL("../recorded/", import.meta.url)).filter((name) => {
  try {
    return recordedState(name).allocations.length >= 0;
  } catch {
    return false;
  }
});

const [common, ...others] = Object.keys(forgings);
test.each([
  ...["crash-loop", "too-big", "nightly"].map((job) => [common, job] as const),
  ...others.map((where) => [where, "web"] as const),
])("the forgery in %s of %s: all that a session shows", { timeout: 120_000 }, async (where = "", job) => {
  await askAll(recordedState(job), forgings[where] ?? namesOnly);
});

describe("the forgery in the names", () => {
  test.each(jobs)("of %s: every tool", { timeout: 60_000 }, async (job) => {
    const state = recordedState(job);
    const server = await hostileServer(state, namesOnly);
    const session = await openSession({ address: server.address });
    const { tools } = await session.client.listTools();
    await callAll(session.client, tools, (tool) => withForgery(plausible(tool, state, true)));
    await session.close();
    await server.stop();
  });
});

test("the forgery in every refusal that was recorded", { timeout: 60_000 }, async () => {
  const folder = new URL("../recorded/", import.meta.url);
  const exchanges = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .map((file) => recorded(file))
    .filter(({ status }) => status >= 400);
  let turn = 0;
  const server = await startServer((_, response) => {
    const { status, body } = exchanges[turn % exchanges.length] ?? { status: 500, body: "" };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "text/plain" }).end(`${text}${forgery}`);
  });
  const session = await openSession({ address: server.address }, undefined, { warn: (line) => void log.warn(line) });
  const { tools } = await session.client.listTools();
  const state = recordedState("web");
  for (turn = 0; turn < exchanges.length; turn++) {
    const some = [tools[turn % tools.length], tools[(turn * 7 + 3) % tools.length]].filter(
      (tool) => tool !== undefined,
    );
    await callAll(session.client, some, (tool) => plausible(tool, state, true));
  }
  check("log", stderr);
  await session.close();
  await server.stop();
});
