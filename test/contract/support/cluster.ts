import { randomBytes } from "node:crypto";
import type { AllocationStub } from "../../../src/endpoints/allocations.ts";
import type { Deployment } from "../../../src/endpoints/deployments.ts";
import type { Evaluation } from "../../../src/endpoints/evaluations.ts";
import type { JobChange } from "../../../src/endpoints/jobs.ts";
import { mockJob } from "../../support/demo-session.ts";
import { type Answer, openSession, type TestSession } from "../../support/session.ts";

/** Query parameters; undefined ones are left out. */
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What Nomad answered, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `X-Nomad-Index`; 0 where there is none. */
  readonly index: number;
}

interface Asked {
  readonly query?: Query;
  readonly body?: unknown;
}

interface Waiting {
  readonly query?: Query;
  /** By the cluster's own clock. */
  readonly seconds?: number;
}

/** No single request takes longer than this by this machine's clock, ms: in virtual time all of them are quick. */
const patience = 40_000;
/** What a test waits for comes within this by the cluster's clock, in seconds. */
const usual = 30;

/**
 * A cluster under contract: the demo or a real one. What a test does goes to it by plain HTTP, so that nothing of ours
 * stands between, or by {@link call} through the MCP server. Jobs are named by {@link id} and purged by {@link close}.
 */
export class Cluster {
  readonly address: string;
  readonly #run = randomBytes(3).toString("hex");
  #session: Promise<TestSession> | undefined;
  readonly #volumes: string[] = [];
  readonly #undo: (() => Promise<unknown>)[] = [];

  constructor(address: string) {
    this.address = address;
  }

  /** A job id that nobody else has. */
  id(stem: string): string {
    return `contract-${stem}-${this.#run}`;
  }

  /** Calls a tool as a host does. */
  async call(tool: string, args: Record<string, unknown>): Promise<Answer> {
    this.#session ??= openSession({ address: this.address });
    return await (await this.#session).call(tool, args);
  }

  /** Calls a tool that is to succeed, and gives its answer. */
  async tell(tool: string, args: Record<string, unknown>): Promise<string> {
    const { text, isError } = await this.call(tool, args);
    if (isError) throw new Error(`${tool} ${JSON.stringify(args)} is refused: ${text}`);
    return text;
  }

  /** Sends one request, as it is. */
  async send(method: string, path: string, { query = {}, body }: Asked = {}): Promise<Reply> {
    const url = new URL(path, this.address);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const response = await fetch(url, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    });
    const { status, headers } = response;
    return { status, headers, text: await response.text(), index: Number(headers.get("x-nomad-index") ?? 0) };
  }

  /** Sends a request that is to succeed, and gives what it answered, parsed. */
  async ask<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
    const { status, text } = await this.send(method, path, asked);
    if (status !== 200) throw new Error(`${method} ${path} ${JSON.stringify(asked)}: ${status} ${text}`);
    return JSON.parse(text);
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    return await this.ask<T>("GET", path, { query });
  }

  /** Waits by blocking queries, with which virtual time moves on, until what is there is as asked. */
  async until<T>(path: string, is: (now: T) => boolean, { query = {}, seconds = usual }: Waiting = {}): Promise<T> {
    let deadline: number | undefined;
    for (let seen = 0; ; ) {
      const blocking = seen === 0 ? {} : { index: seen, wait: `${seconds}s` };
      const { status, headers, text, index } = await this.send("GET", path, { query: { ...query, ...blocking } });
      if (status === 200) {
        const now: T = JSON.parse(text);
        if (is(now)) return now;
      }
      const now = Date.parse(headers.get("date") ?? "");
      deadline ??= now + seconds * 1000;
      // What a client node answers has no index to wait by.
      if (!headers.has("x-nomad-index")) await this.pass(333);
      if (now >= deadline) throw new Error(`${path} is not so within ${seconds} s (${is}): ${status} ${text}`);
      // Below 1 Nomad would answer at once, again and again.
      seen = Math.max(1, index);
    }
  }

  /** Lets so many ms pass, in whatever time the cluster lives: by waiting for what does not happen. */
  async pass(ms: number): Promise<void> {
    await this.send("GET", "/v1/namespaces", { query: { index: Number.MAX_SAFE_INTEGER, wait: `${ms}ms` } });
  }

  /** Registers a job and gives what Nomad answers. */
  async register(job: object, more: object = {}, query: Query = {}): Promise<JobChange> {
    return await this.ask<JobChange>("POST", "/v1/jobs", { query, body: { Job: job, ...more } });
  }

  /** An evaluation, once the scheduler is done with it. */
  async evaluated(id: string): Promise<Evaluation> {
    return await this.until<Evaluation>(`/v1/evaluation/${id}`, ({ Status }) => Status !== "pending");
  }

  /** Registers a job and waits for the scheduler. */
  async submit(job: object, more: object = {}): Promise<Evaluation> {
    return await this.evaluated((await this.register(job, more)).EvalID);
  }

  /** Registers a job of {@link mockJob} and waits until all of it runs; gives its id. */
  async running(stem: string, config: object = {}, group: object = {}, job: object = {}): Promise<string> {
    const id = this.id(stem);
    await this.submit(mockJob(id, config, group, job));
    await this.allocations(id, (all) => all.length > 0 && all.every((one) => one.ClientStatus === "running"));
    return id;
  }

  /** Has the scheduler look at a job again, and waits for it. */
  async force(job: string, reschedule: boolean): Promise<Evaluation> {
    const body = { JobID: job, EvalOptions: { ForceReschedule: reschedule } };
    return await this.evaluated((await this.ask<JobChange>("POST", `/v1/job/${job}/evaluate`, { body })).EvalID);
  }

  /** Stops a job, or purges it, and waits for the scheduler. */
  async stop(job: string, query: Query = {}): Promise<Evaluation> {
    return await this.evaluated((await this.ask<JobChange>("DELETE", `/v1/job/${job}`, { query })).EvalID);
  }

  /** Makes a dynamic host volume on a node and waits until the node knows of it. {@link close} removes it. */
  async volume(name: string, node: string, access: string): Promise<void> {
    const [found] = (await this.get<{ ID: string; Name: string }[]>("/v1/nodes")).filter(({ Name }) => Name === node);
    const RequestedCapabilities = [{ AttachmentMode: "file-system", AccessMode: access }];
    const Volume = { Name: name, PluginID: "mkdir", NodeID: found?.ID, RequestedCapabilities };
    const made = await this.ask<{ Volume: { ID: string } }>("PUT", "/v1/volume/host/create", { body: { Volume } });
    this.#volumes.push(made.Volume.ID);
    await this.until<{ State: string }>(`/v1/volume/host/${made.Volume.ID}`, ({ State }) => State === "ready");
  }

  /** The allocations of a job, oldest first, once they are as asked. */
  async allocations(
    job: string,
    is: (now: AllocationStub[]) => boolean,
    waiting: Waiting = {},
  ): Promise<AllocationStub[]> {
    const order = (one: AllocationStub, other: AllocationStub) => one.CreateIndex - other.CreateIndex;
    return (await this.until<AllocationStub[]>(`/v1/job/${job}/allocations`, is, waiting)).toSorted(order);
  }

  /** The only allocation of a job, once it has the status. */
  async allocation(job: string, status: AllocationStub["ClientStatus"]): Promise<AllocationStub> {
    const [only] = await this.allocations(
      job,
      (all) => all.length > 0 && all.every((one) => one.ClientStatus === status),
    );
    if (only === undefined) throw new Error("unreachable");
    return only;
  }

  /** The newest deployment of a job, once it has the status. */
  async deployment(job: string, status: string): Promise<Deployment> {
    return await this.until<Deployment>(`/v1/job/${job}/deployment`, (now) => now?.Status === status);
  }

  /** A datacenter of one node, or of few where there is none, as a job names it. */
  async oneNode(): Promise<{ Datacenters: [string]; count: number }> {
    const nodes = await this.get<{ Datacenter: string }[]>("/v1/nodes");
    const sizes = new Map<string, number>();
    for (const { Datacenter } of nodes) sizes.set(Datacenter, (sizes.get(Datacenter) ?? 0) + 1);
    const [[name, count] = ["dc1", 0]] = [...sizes].toSorted(([, one], [, other]) => one - other);
    return { Datacenters: [name], count };
  }

  /** Makes a namespace where the cluster lacks it; it stays, since other tests may use it at the same time. */
  async needNamespace(name: string): Promise<void> {
    const all = await this.get<{ Name: string }[]>("/v1/namespaces");
    if (all.some(({ Name }) => Name === name)) return;
    const { status, text } = await this.send("PUT", "/v1/namespace", { body: { Name: name } });
    if (status !== 200) throw new Error(`namespace ${name} cannot be made: ${status} ${text}`);
  }

  /** Has {@link close} do something first: what a test changes for others is undone, even where it fails. */
  undo(how: () => Promise<unknown>): void {
    this.#undo.push(how);
  }

  /** Purges every job that was named by {@link id}. */
  async close(): Promise<void> {
    for (const undo of this.#undo.splice(0)) await undo();
    await (await this.#session)?.close();
    const jobs = await this.get<{ ID: string; Namespace: string }[]>("/v1/jobs", {
      prefix: "contract-",
      namespace: "*",
    });
    for (const { ID, Namespace } of jobs.filter((job) => job.ID.includes(this.#run))) {
      await this.send("DELETE", `/v1/job/${encodeURIComponent(ID)}`, { query: { namespace: Namespace, purge: true } });
    }
    for (const volume of this.#volumes.splice(0)) {
      // Refused while what used it is still on its way out.
      const path = `/v1/volume/host/${volume}`;
      await this.until(path, (now: { Allocations?: unknown[] | null }) => !now.Allocations?.length);
      await this.send("DELETE", path);
    }
  }
}
