import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readNeed, wordsOf } from "../../src/nomad/cluster/check/needs.ts";
import { toolsets } from "../../src/tools/index.ts";
import { acting } from "../support/acting.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { type Guard, guard } from "../support/guard.ts";
import { rollout } from "../support/rollouts.ts";
import { sampleArguments } from "../support/sample-arguments.ts";
import { openSession } from "../support/session.ts";
import { shardOf } from "../support/shards.ts";

// What tools declare of the rights that they need, against the requests that they send. Nothing here names a tool: one
// that is added later is held, too.

const tools = toolsets.flatMap((toolset) => toolset.tools);
const named = tools.map((tool) => [tool.name, tool] as const);
const words = ({ needs = [], helps = [] }: (typeof tools)[number]) => [...needs, ...helps].sort();

/** ms; the calls of one tool take one or two seconds where nothing else runs. */
const patience = 60_000;
let definitions: readonly Tool[];
let watching: Guard | undefined;

/**
 * What is asked about: the demo's jobs, healthy, crashing, not placed, periodic, stopped, on every node, parameterized,
 * changed once, too many for the nodes, without a volume that fits; tried with canaries of which the rest then finds no room,
 * where there is a volume or anyhow, or crashes; and one that is not there.
 */
const asked = ["web", "checkout", "ml-train", "nightly-report", "cache", "daemon", "param", "twice", "acts"];
const jobs = [...asked, "cramped", "stored", "tried", "tried-in-vain", "tried-stored", "gone"];
const stored = { Volumes: { data: { Type: "host", Source: "shelf", AccessMode: "single-node-multi-writer" } } };

/** A few of these fill a node, so that little is placed of what finds no room, and what else runs there can be read. */
const large = { Name: "server", Driver: "mock_driver", Resources: { CPU: 300, MemoryMB: 16 } };

/** What is submitted: jobs that run, crash, find no room, and name what there is not; one as HCL. */
const files = [
  mockJob("web"),
  mockJob("crashes", { run_for: "100ms", exit_code: 1 }),
  mockJob("too-big", {}, { Count: 90, Tasks: [large] }),
  mockJob("shelved", {}, stored),
  mockJob("elsewhere", {}, {}, { Namespace: "nowhere" }),
  mockJob("pooled", {}, {}, { NodePool: "none" }),
].map((Job) => JSON.stringify({ Job }));
const hcl =
  'job "hcl" {\n  group "g" {\n    task "t" {\n      driver = "mock_driver"\n      config {\n        run_for = "1h"\n      }\n    }\n  }\n}\n';

type Ids = Readonly<Record<string, string | readonly string[]>>;

/** Calls of a tool about everything above, with what is optional left out, and with what can be switched on. */
function callsOf(name: string, ids: readonly Ids[]): Record<string, unknown>[] {
  const tool = definitions.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`${name} is not listed`);
  const properties = Object.entries<{ type?: unknown }>(tool.inputSchema.properties ?? {});
  const switches = properties.filter(([, { type }]) => type === "boolean").map(([key]) => [key, true]);
  // A tool that only reads waits for what happens anyway, and nothing does here.
  const wait = tool.annotations?.readOnlyHint ? 0 : 10;
  const about: Record<string, unknown>[] = [
    ...ids.slice(0, 1),
    ...jobs.map((job_id) => ({ job_id, action: "greet" })),
    ...[...files, hcl].map((job_file) => ({ job_id: "web", job_file })),
    ...ids.slice(1).filter(({ allocation_id }) => allocation_id !== undefined),
    { file: "job-files/restart.nomad.hcl", replace: "attempts = 9", with: "attempts = 9" },
    { file: "job-files/restart.nomad.hcl" },
    { path: "nomad/jobs/checkout", set: { db_user: "shop" } },
    { path: "shop/new", set: { db_user: "shop" } },
    { path: "nowhere", unset: ["user"] },
    { accessor_id: "a533b74f" },
    { name: "new-shelf" },
    { name: "shelf", node: "client-1" },
    { volume: "shelf" },
    { volume: "spare" },
    { volume: "nowhere" },
    ...ids.slice(1).filter(({ allocation_id }) => allocation_id === undefined),
    // What only a node narrows, and what needs a node or something else.
    { node: "client-1" },
    { node: "client-1", set: { team: "shop" }, unset: ["rack"] },
    { node: "client-4" },
    { service: "web" },
    { service: "nowhere" },
    { job_id: "huge", docker_image: "nginx:1.29", memory: 900_000 },
    { job_id: "dying", docker_image: "shop/checkout-worker:5.2", env_vars: { DB_HOST: "db.internal:5432" } },
    { job_id: "many", docker_image: "nginx:1.29", count: 90, cpu: 300 },
  ];
  const calls = about
    // What reads of a node alone is asked about one; where it only narrows the question, the question is asked without.
    .map((values) => ({
      ...values,
      ...(tool.inputSchema.required?.includes("node") && { node: values.node_id ?? values.node }),
    }))
    .flatMap((values) => [values, { ...values, ...Object.fromEntries(switches) }])
    .map((values) => JSON.stringify(sampleArguments(tool, { ...values, wait_seconds: wait, follow_seconds: 0 })));
  return [...new Set(calls)].map((call) => JSON.parse(call));
}

/** Arguments that a call may leave out, and that take a right of their own: to see nodes, to mark allocations as unhealthy. */
function asksForMore(name: string): string[] {
  const required = definitions.find((each) => each.name === name)?.inputSchema.required ?? [];
  return ["node", "unhealthy"].filter((each) => !required.includes(each));
}

/** Ids of everything that can be named by one: of each kind those of the jobs above, or a few. */
async function idsOf({ nomad }: DemoSession): Promise<Ids[]> {
  const kinds = ["allocation", "deployment", "evaluation", "node"];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const stubs = await nomad<{ ID: string; JobID?: string }[]>("GET", `/v1/${kind}s`);
      // Those that come and go are the last jobs, and asked about before time has passed.
      const ofJobs = jobs.toReversed().flatMap((job) => stubs.find(({ JobID }) => JobID === job) ?? []);
      const found = (ofJobs.length > 0 ? ofJobs : stubs.slice(0, 2)).map(({ ID }) => ({ [`${kind}_id`]: ID }));
      return kind === "allocation"
        ? found.map((each) => ({ ...each, file: "alloc/logs/server.stdout.0", command: ["ps"] }))
        : found;
    }),
  );
  // Of a deployment that goes on, an allocation that somebody says is unhealthy: before anything else ends it.
  const rolled = await nomad<{ ID: string; JobVersion: number }[]>("GET", "/v1/job/tried-stored/allocations");
  const unhealthy = rolled.flatMap(({ ID, JobVersion }) => (JobVersion === 1 ? [ID] : []));
  return [{ job_id: "tried-stored", unhealthy: unhealthy.slice(0, 1) }, ...lists.flat()];
}

/** A cluster with everything that is asked about. */
async function prepared(): Promise<DemoSession> {
  const session = await demoSession();
  session.demo.enableAcl();
  await session.register(mockJob("daemon", {}, {}, { Type: "system" }));
  await session.register(mockJob("param", {}, {}, { Type: "batch", ParameterizedJob: {} }));
  await session.register(mockJob("twice"));
  await session.register(acting("acts"));
  await session.register(mockJob("twice", { run_for: "2h" }));
  await session.nomad("PUT", "/v1/volume/host/create", { Volume: { Name: "shelf", PluginID: "mkdir" } });
  await session.register(mockJob("stored", {}, stored));
  const RequestedCapabilities = [{ AccessMode: stored.Volumes.data.AccessMode, AttachmentMode: "file-system" }];
  await session.nomad("PUT", "/v1/volume/host/create", {
    Volume: { Name: "desk", PluginID: "mkdir", RequestedCapabilities },
  });
  await rollout(session, "tried-stored", {
    more: { Volumes: { data: { ...stored.Volumes.data, Source: "desk" } } },
    last: { Count: 40, Tasks: [{ ...large, Config: { run_for: "1h" } }] },
    parallel: 40,
  });
  await rollout(session, "tried", { config: { run_for: "18s", exit_code: 1 } });
  await rollout(session, "tried-in-vain", {
    last: { Count: 40, Tasks: [{ ...large, Config: { run_for: "1h" } }] },
    parallel: 40,
  });
  const only = [{ LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" }];
  await session.register(mockJob("cramped", {}, { Count: 90, Tasks: [large] }, { Constraints: only }));
  // Last, and without time passing: what runs by now is what is asked about.
  await session.nomad("PUT", "/v1/volume/host/create", { Volume: { Name: "spare", PluginID: "mkdir" } });
  session.demo.addRetired("client-4");
  session.demo.addStranded("web");
  return session;
}

/** Makes the calls of a tool on a cluster, with only `granted`: what they needed, and which of them went well. */
async function make(name: string, cluster: DemoSession, granted?: readonly string[]) {
  // What a session has learnt of its cluster, it does not ask again.
  const session = await openSession({ address: cluster.demo.address });
  const calls = callsOf(name, await idsOf(cluster));
  const reads = definitions.some((each) => each.name === name && each.annotations?.readOnlyHint);
  watching = guard(granted);
  try {
    const { result, needed } = await watching.watch(async () => {
      const went: string[] = [];
      const call = async (args: Record<string, unknown>) => {
        if (!(await session.call(name, args)).isError) went.push(JSON.stringify(args));
      };
      // Some wait; what reads does not meet what the others do.
      if (reads) await Promise.all(calls.map(call));
      else for (const args of calls) await call(args);
      return went.sort();
    });
    return { needed, went: result };
  } finally {
    watching.remove();
    await session.close();
  }
}

/** Holds the tools of a shard to what they declare. */
export function holdNeeds(shard: number): void {
  beforeAll(async () => {
    const session = await openSession({ address: "http://127.0.0.1:9" });
    definitions = (await session.client.listTools()).tools;
    await session.close();
  });
  let shared: DemoSession | undefined;
  afterEach(() => watching?.remove());
  afterAll(() => shared?.close());

  /** Makes the calls on a cluster of their own where they change it. */
  async function made({ name, risk }: (typeof tools)[number], granted?: readonly string[]) {
    if (risk === "read") {
      shared ??= await prepared();
      return await make(name, shared, granted);
    }
    const cluster = await prepared();
    try {
      return await make(name, cluster, granted);
    } finally {
      await cluster.close();
    }
  }

  describe.each(shardOf(named, shard))("%s", (_, tool) => {
    test("declares what it needs, in words that a route needs", () => {
      expect(tool.needs, "`needs` of the tool: [] where it needs nothing").toBeDefined();
      for (const word of words(tool)) expect(wordsOf(readNeed(word))).toEqual([word]);
      expect(words(tool)).toEqual([...new Set(words(tool))]);
    });

    let all: Awaited<ReturnType<typeof make>>;
    beforeAll(async () => {
      all = await made(tool);
    }, patience);

    test("requests exactly what it declares", () => {
      const more = [...all.needed].filter(([word]) => !words(tool).includes(word));
      const requests = more.map(([word, each]) => `${word} by ${[...each].join(", ")}`);
      expect([...all.needed.keys()].sort(), requests.join("; ")).toEqual(words(tool));
      expect(all.went.length, "calls that went well").toBeGreaterThan(0);
    });

    test(
      "answers with its needs alone, be it with less",
      async () => {
        const usual = all.went.filter((call) => !asksForMore(tool.name).some((each) => call.includes(`"${each}":`)));
        expect((await made(tool, tool.needs)).went).toEqual(expect.arrayContaining(usual));
      },
      patience,
    );
  });
}
