import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { acting } from "../support/acting.ts";
import { type DemoSession, mockJob } from "../support/demo-session.ts";
import { parameterized } from "../support/parents.ts";
import { rollout } from "../support/rollouts.ts";
import { libraryFolder } from "../support/session.ts";

// The objects that destructive tools are tried on, kind by kind. No tool is named: what it is about follows from its arguments.

/** One object, as a call names it and as the question names it to a person. */
export interface Found {
  readonly name: string;
  /** The arguments by which a call names it; a tool gets those of them that it knows. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** A kind of object that tools change. */
export interface Subject {
  /** The word before the colon in the line of a question that names the object: `  node: client-1`. */
  readonly kind: string;
  /** Whether each is in a namespace, which the question then names, too. */
  readonly inNamespace: boolean;
  /** It is in no cluster: a change of it sends nothing to Nomad. */
  readonly outside?: true;
  /** A tool is about this kind where it takes one of these arguments, and none of those of a kind before it in the list. */
  readonly named: readonly string[];
  /** Objects of different sorts, since a tool may be for one sort only. */
  readonly candidates: readonly string[];
  /** Makes on a cluster what the demo does not begin with. */
  prepare(session: DemoSession): Promise<Objects>;
}

/** The objects of a kind on one cluster. */
export interface Objects {
  /**
   * The object of a candidate. Asked before each attempt of a call, with another number each time: so that what a call
   * creates is not there yet, and what it ends lives.
   */
  find(candidate: string, attempt: number): Promise<Found>;
  /** Has somebody else change the object in what a person is shown of it, past the tools; `at` is another text each time. */
  meddle(found: Found, at: string): Promise<void>;
}

const job: Subject = {
  kind: "job",
  inNamespace: true,
  named: ["job_id", "job_file"],
  candidates: ["gated", "nightly-report", "import", "launched", "new"],
  async prepare(session) {
    await session.register(acting("gated", "1h"));
    await session.register(acting("gated", "2h"));
    await session.register(parameterized("launched", {}));
    const first = new Map<string, object>();
    return {
      async find(candidate, attempt) {
        const name = candidate === "new" ? `new-${attempt}` : candidate;
        return { name, args: { job_id: name, job_file: jobFile(name), action: "greet" } };
      },
      /** Submits it as it was at first, but for one word. */
      async meddle({ name }, at) {
        const known = await fetch(`${session.demo.address}/v1/job/${name}`);
        const before: object = first.get(name) ?? (known.ok ? JSON.parse(await known.text()) : mockJob(name));
        first.set(name, before);
        await session.nomad("POST", "/v1/jobs", { Job: { ...before, Stop: false, Meta: { at } } });
      },
    };
  },
};

const node: Subject = {
  kind: "node",
  inNamespace: false,
  named: ["node"],
  candidates: ["client-1", "client-3"],
  async prepare(session) {
    session.demo.setNodeStatus("client-3", "down");
    await session.clock.advance(15_000);
    return {
      async find(name) {
        const all = await session.nomad<StoredNode[]>("GET", "/v1/nodes");
        if (!all.some(({ Name }) => Name === name)) {
          // It was purged, and its client has come back since.
          for (const status of ["ready", "down"] as const) session.demo.setNodeStatus(name, status);
          await session.clock.advance(15_000);
        }
        return { name, args: { node: name } };
      },
      async meddle({ name }) {
        const query = encodeURIComponent(`Name == "${name}"`);
        const [found] = await session.nomad<StoredNode[]>("GET", `/v1/nodes?filter=${query}`);
        const Eligibility = found?.SchedulingEligibility === "eligible" ? "ineligible" : "eligible";
        await session.nomad("PUT", `/v1/node/${found?.ID}/eligibility`, { Eligibility });
      },
    };
  },
};

interface StoredNode {
  readonly ID: string;
  readonly Name: string;
  readonly SchedulingEligibility: string;
}

/** What rolls out: each attempt has one of its own, which waits for its promotion. */
const deployment: Subject = {
  kind: "deployment",
  inNamespace: true,
  named: ["deployment_id"],
  candidates: ["rolls"],
  async prepare(session) {
    const ids = new Map<string, string>();
    return {
      async find(candidate, attempt) {
        const { ID } = await rollout(session, `${candidate}-${attempt}`);
        const name = ID.slice(0, 8);
        ids.set(name, ID);
        return { name, args: { deployment_id: name } };
      },
      async meddle({ name }) {
        const DeploymentID = ids.get(name);
        await session.nomad("PUT", `/v1/deployment/pause/${DeploymentID}`, { DeploymentID, Pause: true });
      },
    };
  },
};

const variable: Subject = {
  kind: "variable",
  inNamespace: true,
  named: ["path"],
  candidates: ["nomad/jobs/checkout", "shop/mail"],
  async prepare(session) {
    const write = async (path: string, Items: object) => await session.nomad("PUT", `/v1/var/${path}`, { Items });
    return {
      /** Written anew, so that it is there, and is not what a call makes of it. */
      async find(path, attempt) {
        await write(path, { user: "shop", attempt: `${attempt}` });
        session.changes();
        return { name: path, args: { path, set: { user: `made-up-${attempt}` } } };
      },
      async meddle({ name }, at) {
        await write(name, { user: "shop", at });
      },
    };
  },
};

/** A registration that is left over: each attempt has one of its own. */
const service: Subject = {
  kind: "service",
  inNamespace: true,
  named: ["service"],
  candidates: ["left-over"],
  async prepare(session) {
    return {
      async find(candidate, attempt) {
        const name = `${candidate}-${attempt}`;
        await session.register(mockJob(name, {}, { Services: [{ Name: name, Provider: "nomad" }] }));
        session.demo.addStranded(name);
        session.changes();
        return { name, args: { service: name } };
      },
      /** Purges the job: of the allocation, too, nothing is known then. */
      async meddle({ name }) {
        await session.nomad("DELETE", `/v1/job/${name}?purge=true`);
      },
    };
  },
};

/** What nothing uses: each attempt has one of its own. */
const volume: Subject = {
  kind: "volume",
  inNamespace: true,
  named: ["volume"],
  candidates: ["spare"],
  async prepare(session) {
    const create = async (Volume: object) =>
      await session.nomad<{ Volume: { ID: string } }>("PUT", "/v1/volume/host/create", { Volume });
    const ids = new Map<string, string>();
    return {
      async find(candidate, attempt) {
        const name = `${candidate}-${attempt}`;
        ids.set(name, (await create({ Name: name, PluginID: "mkdir" })).Volume.ID);
        await session.clock.advance(5_000);
        session.changes();
        return { name, args: { volume: name } };
      },
      /** Has it made anew for more room. */
      async meddle({ name }, at) {
        const bytes = 1_000_000 + at.length;
        const room = { RequestedCapacityMinBytes: bytes, RequestedCapacityMaxBytes: bytes };
        await create({ ID: ids.get(name), Name: name, ...room });
      },
    };
  },
};

/** What runs: each attempt has one of its own. */
const allocation: Subject = {
  kind: "allocation",
  inNamespace: true,
  named: ["allocation_id"],
  candidates: ["runs"],
  async prepare(session) {
    const jobs = new Map<string, string>();
    return {
      async find(candidate, attempt) {
        const job = `${candidate}-${attempt}`;
        await session.register(mockJob(job, { exec_command: { stdout_string: "done" } }));
        const [only] = await session.nomad<{ ID: string }[]>("GET", `/v1/job/${job}/allocations`);
        const name = only?.ID.slice(0, 8) ?? "";
        session.changes();
        jobs.set(name, job);
        return { name, args: { allocation_id: name, command: ["ps"] } };
      },
      /** Updates it in place. */
      async meddle({ name }) {
        const config = { exec_command: { stdout_string: "done" } };
        await session.register(mockJob(jobs.get(name) ?? "", config, {}, { Priority: 60 }), 1);
      },
    };
  },
};

/** A job file of the library: each attempt has one of its own. */
const file: Subject = {
  kind: "file",
  inNamespace: false,
  outside: true,
  named: ["replace"],
  candidates: ["kept"],
  async prepare(session) {
    const write = (name: string, cpu: number) =>
      writeFileSync(join(libraryFolder(), name), hclFile(name.replace(/\W/g, "-"), cpu));
    return {
      async find(candidate, attempt) {
        const name = `${candidate}-${attempt}.nomad.hcl`;
        write(name, 20);
        session.changes();
        return {
          name: `job-files/${name}`,
          args: { file: `job-files/${name}`, replace: "memory = 16", with: "memory = 32" },
        };
      },
      async meddle({ name }, at) {
        write(name.replace("job-files/", ""), 21 + Number(at.length > 0) + Math.floor(Math.random() * 1_000));
      },
    };
  },
};

const hclFile = (id: string, cpu: number) =>
  `job "${id}" {\n  group "api" {\n    task "server" {\n      driver = "mock_driver"\n      resources {\n        cpu = ${cpu}\n        memory = 16\n      }\n    }\n  }\n}\n`;

/** A setting of the scheduler, which each attempt finds as it is in the beginning. */
const setting: Subject = {
  kind: "setting",
  inNamespace: false,
  named: ["setting"],
  candidates: ["algorithm"],
  async prepare(session) {
    const put = async (change: object) => {
      const { SchedulerConfig } = await session.nomad<{ SchedulerConfig: object }>("GET", scheduler);
      await session.nomad("PUT", scheduler, { ...SchedulerConfig, ...change });
    };
    return {
      async find(name) {
        await put({ SchedulerAlgorithm: "binpack" });
        session.changes();
        return { name, args: { setting: name, value: "spread" } };
      },
      async meddle(_, at) {
        await put({ NodeLimitForFeasibilityChecks: at.length });
      },
    };
  },
};

const scheduler = "/v1/operator/scheduler/configuration";

/** A token that somebody has: each attempt has one of its own. */
const token: Subject = {
  kind: "accessor",
  inNamespace: false,
  named: ["accessor_id"],
  candidates: ["ci"],
  async prepare(session) {
    session.demo.enableAcl();
    const ids = new Map<string, string>();
    const put = async (path: string, Name: string) =>
      await session.nomad<{ AccessorID: string }>("PUT", path, { Name, Type: "client", Policies: ["watchers"] });
    return {
      async find(candidate, attempt) {
        const { AccessorID } = await put("/v1/acl/token", `${candidate}-${attempt}`);
        const name = AccessorID.slice(0, 8);
        ids.set(name, AccessorID);
        session.changes();
        return { name, args: { accessor_id: name } };
      },
      async meddle({ name }, at) {
        await put(`/v1/acl/token/${ids.get(name)}`, `ci for ${at}`);
      },
    };
  },
};

/** What has ended: each attempt finds one job of its own that is dead, and was so before all others. */
const garbage: Subject = {
  kind: "dead jobs",
  inNamespace: false,
  named: [],
  candidates: ["ended"],
  async prepare(session) {
    const stopped = async (id: string) => {
      await session.register(mockJob(id));
      await session.nomad("DELETE", `/v1/job/${id}`);
      await session.clock.advance(15_000);
    };
    const dead = 'Status == "dead"';
    return {
      async find(candidate, attempt) {
        const name = `${candidate}-${attempt}`;
        for (const { ID } of await session.nomad<{ ID: string }[]>(
          "GET",
          `/v1/jobs?filter=${encodeURIComponent(dead)}`,
        ))
          await session.nomad("DELETE", `/v1/job/${encodeURIComponent(ID)}?purge=true`);
        await stopped(name);
        session.changes();
        return { name, args: {} };
      },
      async meddle({ name }) {
        await session.register(mockJob(name), 1);
      },
    };
  },
};

/** What is named by its own id comes before what it is of. */
export const subjects: readonly Subject[] = [
  node,
  deployment,
  allocation,
  file,
  service,
  job,
  variable,
  volume,
  setting,
  token,
  garbage,
];

/** What any tool may take. A tool that takes no more is about the whole cluster. */
const whatever = ["namespace", "wait_seconds", "confirm"];

/** What a tool is about: told by the arguments that it must have, else by those that it may. */
export function subjectOf({ name, inputSchema: { required = [], properties = {} } }: Tool): Subject {
  const found =
    subjects.find(({ named }) => named.some((each) => required.includes(each))) ??
    subjects.find(({ named }) => named.some((each) => Object.hasOwn(properties, each))) ??
    (Object.keys(properties).every((each) => whatever.includes(each)) ? garbage : undefined);
  if (found === undefined) throw new Error(`${name} takes nothing that test/gates/subjects.ts knows: add its subject`);
  return found;
}

/** Arguments for a call about something that the demo begins with, where only the gate matters. */
export function anyObject(jobId: string): Record<string, unknown> {
  return {
    ...{ job_id: jobId, job_file: jobFile(jobId), node: "client-1", path: "nomad/jobs/web", set: { banner: "new" } },
    ...{ setting: "algorithm", value: "spread", accessor_id: "a533b74f", command: ["ps"], action: "greet" },
  };
}

function jobFile(id: string): string {
  return JSON.stringify({ Job: mockJob(id, {}, { Count: 2 }) });
}
