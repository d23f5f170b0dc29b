import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { type VirtualClock, virtualClock } from "../src/clock.ts";
import { type DemoCluster, type DemoOptions, startDemoCluster } from "../src/index.ts";

/** An answer of the demo cluster. `body` is parsed where it is JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into replies of every shape
  body: any;
}

/** A demo cluster whose time the test drives. */
export interface Driven {
  cluster: DemoCluster;
  clock: VirtualClock;
  get(path: string): Promise<Answer>;
  send(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Registers a job file. */
  submit(source: string, more?: object): Promise<Answer>;
  /** The allocations of a job, oldest first. */
  allocs(job: string): Promise<Answer["body"][]>;
}

/** Starts a cluster in virtual time that ends with the test. */
export async function drive(options: Omit<DemoOptions, "clock"> = {}): Promise<Driven> {
  const clock = virtualClock();
  const cluster = await startDemoCluster({ jobs: false, seed: 7, ...options, clock });
  onTestFinished(() => cluster.stop());
  const send: Driven["send"] = async (method, path, body) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(cluster.address + path, { method, ...(body === undefined ? {} : { body: text }) });
    const answer = await response.text();
    const json = response.headers.get("content-type") === "application/json" && response.ok;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(answer) : answer };
  };
  const get: Driven["get"] = (path) => send("GET", path);
  return {
    cluster,
    clock,
    get,
    send,
    async submit(source, more = {}) {
      const parsed = await send("POST", "/v1/jobs/parse", { JobHCL: source, Canonicalize: false });
      if (parsed.status !== 200) return parsed;
      return send("POST", "/v1/jobs", { Job: parsed.body, ...more });
    },
    allocs: async (job) => (await get(`/v1/job/${encodeURIComponent(job)}/allocations`)).body,
  };
}

/** What a real Nomad answered. */
export interface Recorded {
  request: { method: string; path: string; body?: unknown };
  status: number;
  headers: Record<string, string>;
  body: Answer["body"];
}

export function recorded(file: string): Recorded {
  return JSON.parse(readFileSync(new URL(`../../../test/recorded/${file}.json`, import.meta.url), "utf8"));
}
