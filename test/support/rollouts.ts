import type { Deployment } from "../../src/endpoints/deployments.ts";
import { type DemoSession, mockJob } from "./demo-session.ts";

const second = 1e9;

/** An update block that tries canaries, and believes what has run for a second. */
const canaries = {
  ...{ HealthCheck: "task_states", MinHealthyTime: second },
  ...{ HealthyDeadline: 300 * second, ProgressDeadline: 600 * second, Canary: 1 },
};

/** A group of a job with canaries; `config` is its task's. */
function group(Name: string, config: object, more: object) {
  const Resources = { CPU: 20, MemoryMB: 16 };
  const task = { Name: "server", Driver: "mock_driver", Config: { run_for: "1h", ...config }, Resources };
  return { Name, Count: 2, Tasks: [task], ...more };
}

interface Rollout {
  /** Of the groups, each of which changes. */
  readonly groups?: readonly string[];
  /** What the tasks of the second version do. */
  readonly config?: object;
  /** True where it goes back by itself when it fails. */
  readonly reverts?: boolean;
  /** Parts of the groups that are otherwise: of both versions, and of the second. */
  readonly more?: object;
  readonly last?: object;
  /** So many at once, after the canaries. */
  readonly parallel?: number;
  readonly namespace?: string;
}

/** A job whose second version is tried with a canary in each group; gives its deployment as it is `seconds` later. */
export async function rollout(
  session: DemoSession,
  id: string,
  {
    groups = ["web"],
    config = {},
    reverts = false,
    more = {},
    last = {},
    parallel = 1,
    namespace = "default",
  }: Rollout = {},
  seconds = 15,
): Promise<Deployment> {
  const version = (each: object, own: object) => {
    const parts = { Update: { ...canaries, AutoRevert: reverts, MaxParallel: parallel }, ...more, ...own };
    return mockJob(id, {}, {}, { Namespace: namespace, TaskGroups: groups.map((name) => group(name, each, parts)) });
  };
  await session.register(version({}, {}), 30);
  await session.register(version({ stdout_string: "second", ...config }, last), seconds);
  session.changes();
  return await newest(session, id, namespace);
}

/** The newest deployment of a job, past the tools. */
export async function newest(session: DemoSession, id: string, namespace = "default"): Promise<Deployment> {
  return await session.nomad<Deployment>("GET", `/v1/job/${id}/deployment?namespace=${namespace}`);
}
