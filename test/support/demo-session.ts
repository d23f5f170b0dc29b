import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { type VirtualClock, virtualClock } from "demo-cluster/clock.ts";
import type { Job } from "../../src/endpoints/job.ts";
import { acts } from "./raw/reach.ts";
import { libraryFolder, openSession, type Person, type SomeSettings, type TestSession } from "./session.ts";

/** A session against a demo cluster of its own, whose time stands still unless something waits for it. */
export interface DemoSession extends TestSession {
  readonly demo: DemoCluster;
  readonly clock: VirtualClock;
  /** Asks the cluster itself, past the tools. */
  nomad<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Registers a job as any other client would, and lets `seconds` pass. */
  register(job: object, seconds?: number): Promise<void>;
  /**
   * The requests that changed something, since the last time this was asked: "PUT /v1/client/allocation/.../restart"; and the
   * files of the usual library that did, "save web.nomad.hcl".
   */
  changes(): string[];
}

/** Opens a session against a demo cluster that starts with its usual jobs. */
export async function demoSession(settings: SomeSettings = {}, person?: Person): Promise<DemoSession> {
  const clock = virtualClock();
  const demo = await startDemoCluster({ clock, seed: 1 });
  const session = await openSession({ ...settings, address: demo.address }, person);
  let told = demo.requests.length;
  const textsNow = () => (settings.library === undefined ? libraryTexts() : new Map<string, string>());
  let texts = textsNow();
  const nomad = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${demo.address}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    ...session,
    demo,
    clock,
    nomad,
    async register(job, seconds = 15) {
      const submission = { Source: JSON.stringify({ Job: job }), Format: "json" };
      await nomad("POST", "/v1/jobs", { Job: job, Submission: submission });
      await clock.advance(seconds * 1000);
    },
    changes() {
      const fresh = demo.requests.slice(told);
      told = demo.requests.length;
      const before = texts;
      texts = textsNow();
      const saved = [...texts].filter(([path, text]) => before.get(path) !== text).map(([path]) => `save ${path}`);
      const sent = fresh
        .filter(({ method, path }) => acts(method, path))
        .map(({ method, path }) => `${method} ${path}`);
      return [...sent, ...saved];
    },
    async close() {
      await session.close();
      await demo.stop();
    },
  };
}

function libraryTexts(): ReadonlyMap<string, string> {
  const folder = libraryFolder();
  return new Map(readdirSync(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** A job of one group `api` with one mock task `server` that runs for an hour; `config` is the task's. */
export function mockJob(id: string, config: object = {}, group: object = {}, job: object = {}): Pick<Job, "ID"> {
  const task = {
    Name: "server",
    Driver: "mock_driver",
    Config: { run_for: "1h", ...config },
    Resources: { CPU: 20, MemoryMB: 16 },
  };
  const api = { Name: "api", Count: 1, Tasks: [task], ...group };
  return { ID: id, ...{ Name: id, Type: "service", Datacenters: ["*"], TaskGroups: [api] }, ...job };
}

/** A steady answer whose ids, long and short ones, stand as `<id>`. */
export function withoutIds(text: string): string {
  return steady(text).replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>");
}

/** An answer without what the pace of the machine decides: how long something took, and ages. */
export function steady(text: string): string {
  return text
    .replaceAll(/( after|allocations? in) (<1s|(\d+[dhms])+)(?=[ ,:;\n]|$)/g, "$1 <span>")
    .replaceAll(/(\d+[dhms])+ ago|just now/g, "<age>");
}
