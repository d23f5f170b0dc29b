import { readdirSync } from "node:fs";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import type * as fc from "fast-check";
import { startServer } from "../support/program.ts";
import { answer, type Exchange, type RecordedState, recorded, recordedState } from "../support/recorded-state.ts";
import type { TestSession } from "../support/session.ts";

/** The same runs each time, unless FUZZ_SEED says otherwise; a failure prints the seed and the path to it. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  return { seed: Number(process.env.FUZZ_SEED ?? 20_261_120), numRuns, endOnFailure: true, includeErrorInReport: true };
}

/** What no answer may have in it: a sign that something was not there, or of another type than was thought. */
export const slips =
  /\bundefined\b|\[object |\bNaN\b|Infinity|mistake in nomad-mcp|Cannot read|is not (a function|iterable)|Invalid (Date|time)|withheld/;

/** Recorded replies by route, ids left open; the first that was no refusal. */
const byRoute = new Map<string, Exchange>();
const folder = new URL("../recorded/", import.meta.url);
for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
  if (!file.endsWith(".json")) continue;
  const exchange = recorded(file);
  const key = route(exchange.request.method, exchange.request.path);
  if (exchange.status < 300 && !byRoute.has(key)) byRoute.set(key, exchange);
}

function route(method: string, url: string): string {
  const { pathname } = new URL(url, "http://x");
  const open = pathname
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ":id")
    .replace(/^(\/v1\/(?:job|var|namespace|node\/pool|service)\/)[^/]+/, "$1:id");
  return `${method === "PUT" ? "POST" : method} ${open}`;
}

/** Changes a reply before it is sent; `key` is its route. */
export type Change = (key: string, body: unknown) => unknown;

/** What Nomad answers of one job as it was recorded, and of anything else as another recording has it. */
export function replyOf(state: RecordedState, method: string, url: string, change: Change = (_, body) => body) {
  const { pathname, searchParams } = new URL(url, "http://x");
  const key = route(method, pathname);
  const known = answer(state, method, decodeURIComponent(pathname), searchParams);
  const single = state.allocations.find(({ ID }) => pathname === `/v1/allocation/${ID}`);
  const date = { Date: new Date(state.now).toUTCString() };
  if (known !== undefined && !known.headers["Content-Type"]?.includes("json")) {
    return { ...known, headers: { ...known.headers, ...date } };
  }
  const body = single ? { ...single, Job: state.job } : known ? JSON.parse(known.text) : byRoute.get(key)?.body;
  if (body === undefined && method === "GET") return { status: 404, headers: date, text: "not found" };
  const headers = { "X-Nomad-Index": "220", ...known?.headers, "Content-Type": "application/json", ...date };
  const changed = change(key, structuredClone(body ?? { EvalID: "", JobModifyIndex: 1 }));
  return { status: 200, headers, text: JSON.stringify(changed) };
}

/** A Nomad that answers with what was recorded of one job, and of anything else, changed by `change`. */
export async function fuzzServer(job: string) {
  const state = recordedState(job);
  let change: Change | undefined;
  const server = await startServer((request, response) => {
    const { status, headers, text } = replyOf(state, request.method ?? "", request.url ?? "/", change);
    response.writeHead(status, headers).end(text);
  });
  return {
    ...server,
    state,
    become(next: Change) {
      change = next;
    },
  };
}

type Property = { readonly type?: unknown; readonly enum?: readonly unknown[]; readonly minimum?: number };

export const propertiesOf = ({ inputSchema }: Tool): [string, Property][] =>
  Object.entries(inputSchema.properties ?? {});

/** Values of a job for the names that arguments and addresses have. */
function knownOf({ job, allocations, evaluations, deployments, nodes }: RecordedState): Record<string, unknown> {
  const group = job.TaskGroups?.[0];
  return {
    job_id: job.ID,
    allocation_id: allocations[0]?.ID,
    evaluation_id: evaluations[0]?.ID,
    deployment_id: deployments[0]?.ID,
    node_id: nodes[0]?.ID,
    node: nodes[0]?.ID,
    group: group?.Name,
    task: group?.Tasks?.[0]?.Name,
    namespace: job.Namespace,
    job_file: JSON.stringify({ Job: { ...job, Status: undefined } }),
    docker_image: "nginx:1.27",
    path: "app/config",
    command: ["ps"],
    wait_seconds: 0,
  };
}

/** The address of a resource, filled in for a job. */
export function addressOf(template: string, state: RecordedState): string {
  const known: Record<string, unknown> = { ...knownOf(state), cluster: "default" };
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(known[name] ?? "x")));
}

/** What a host gets of a resource: its text, or the words of the error. */
export async function readText({ client }: TestSession, uri: string): Promise<string> {
  try {
    const { contents } = await client.readResource({ uri });
    return contents.map((each) => ("text" in each ? each.text : "")).join("\n");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Arguments with which a tool does its work at once, for a job: those that it must have, and with `more` those of which a
 * value is known. Those of tools that come later are told by their schema.
 */
export function plausible(tool: Tool, state: RecordedState, more = false): Record<string, unknown> {
  const known = knownOf(state);
  const wanted = new Set(tool.inputSchema.required ?? []);
  const args = propertiesOf(tool).flatMap(([name, { type, enum: values, minimum }]) => {
    if (name === "wait_seconds" || name === "follow_seconds") return [[name, 0]];
    if (!wanted.has(name) && !(more && known[name] !== undefined)) return [];
    const usual =
      values?.[0] ??
      (type === "string"
        ? "x"
        : type === "boolean"
          ? false
          : type === "array"
            ? []
            : type === "object"
              ? {}
              : (minimum ?? 1));
    return [[name, known[name] ?? usual]];
  });
  return Object.fromEntries(args);
}
