import { NomadError } from "../../../api/errors/errors.ts";
import { type AllocationStub, allocations as allocationRoutes } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments as deploymentRoutes } from "../../../endpoints/deployments.ts";
import type { ListRoute } from "../../../endpoints/endpoint.ts";
import { type Evaluation, evaluations as evaluationRoutes } from "../../../endpoints/evaluations.ts";
import { type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import { type NodeStub, nodes as nodeRoutes } from "../../../endpoints/nodes.ts";
import { type AgentMember, type Autopilot, operator, type SchedulerConfig } from "../../../endpoints/operator.ts";
import type { NomadClient, Query } from "../../../nomad-client.ts";
import { activeStatuses } from "../../deployments/words.ts";
import { given, type Part, part, requireSome } from "../../shared/parts.ts";
import { readAutopilot, readLeader, readMembers } from "../servers/read-servers.ts";
import { type Checks, readChecks } from "./read-checks.ts";

/** The first rows of a list, and whether they are all. */
export interface Rows<T> {
  readonly items: readonly T[];
  readonly complete: boolean;
}

/** What a bounded look at a cluster found. */
export interface Look extends JobsLook {
  /** Its address; empty where there is none. */
  readonly leader: Part<string>;
  readonly autopilot: Part<Autopilot>;
  readonly members: Part<readonly AgentMember[]>;
  readonly scheduler: Part<SchedulerConfig>;
}

/** What it found of jobs and nodes. Each part may be missing alone, as where the token may not read nodes. */
export interface JobsLook {
  /** Bound to the namespaces that are looked at. */
  readonly nomad: NomadClient;
  readonly nodes: Part<Rows<NodeStub>>;
  /** Not stopped, and no children of periodic and parameterized jobs, unless they were asked for. */
  readonly jobs: Part<Rows<JobStub>>;
  readonly blocked: Part<Rows<Evaluation>>;
  /** Finished evaluations of system jobs, which are never blocked, newest first. */
  readonly system: Part<Rows<Evaluation>>;
  /** What should run and does not, newest first. */
  readonly away: Part<Rows<AllocationStub>>;
  /** The newest of them, and of those that run and were restarted, with their tasks. */
  readonly detailed: Part<Rows<AllocationStub>>;
  /** What failed and was replaced, newest first. */
  readonly replaced: Part<Rows<AllocationStub>>;
  /** The newest of these, with their tasks. */
  readonly ended: Part<Rows<AllocationStub>>;
  /** What was lost with its node, newest first. */
  readonly lost: Part<Rows<AllocationStub>>;
  /** What left its node by a drain and was not replaced, newest first: batch work that was killed is among it. */
  readonly drained: Part<Rows<AllocationStub>>;
  /** Those that go on or have failed, newest first. */
  readonly deployments: Part<Rows<Deployment>>;
  /** What the checks of some running allocations say. */
  readonly checks: Part<Checks>;
}

/** Which jobs are looked at, by Nomad. */
export interface Which {
  readonly prefix?: string | undefined;
  readonly filter?: string | undefined;
}

/** A row of a job is 0.6 KB, of a node 1.3 KB and more, of an allocation 1 to 2 KB, with tasks 7 and more. */
const jobsPerPage = 2_500;
const jobPages = 4;
const mostNodes = 700;
const mostRows = 150;
const mostDetailed = 40;
const mostEnded = 20;
/** All of it is to be there by then, in ms; another page of jobs is only begun before the second. */
const patience = 4_500;
const pagingTime = 3_000;

/**
 * Looks at everything at once, at checks last, with at most 27 requests, whatever the size of the cluster. Where the servers have no
 * leader, Nomad holds every other read for 5 s before it fails: then these are given up at once.
 *
 * @throws NomadError where nothing at all may be read.
 */
export async function lookAround(nomad: NomadClient, signal: AbortSignal): Promise<Look> {
  const leaderless = new AbortController();
  const bounded = nomad.within(AbortSignal.any([AbortSignal.timeout(patience), leaderless.signal]));
  const leaderPart = part(signal, readLeader(nomad)).then((leader) => {
    if (given(leader) === "") leaderless.abort();
    return leader;
  });
  const [leader, autopilot, members, scheduler, ofJobs] = await Promise.all([
    leaderPart,
    part(signal, readAutopilot(bounded)),
    part(signal, readMembers(nomad)),
    part(signal, bounded.get(operator.schedulerConfiguration)),
    readParts(bounded, signal, { filter: noChildren }),
  ]);
  requireSome([leader, ofJobs.nodes, ofJobs.jobs]);
  return { nomad, leader, autopilot, members, scheduler, ...ofJobs };
}

/**
 * Looks at some jobs and at the nodes, with at most 23 requests.
 *
 * @throws NomadError where the jobs may not be read.
 */
export async function lookAtJobs(nomad: NomadClient, signal: AbortSignal, which: Which): Promise<JobsLook> {
  const bounded = nomad.within(AbortSignal.timeout(patience));
  const ofJobs = await readParts(bounded, signal, which);
  requireSome([ofJobs.jobs]);
  return { nomad, ...ofJobs };
}

const noChildren = 'ParentID == ""';

async function readParts(bounded: NomadClient, signal: AbortSignal, which: Which): Promise<Omit<JobsLook, "nomad">> {
  const rows = <T>(route: ListRoute<T>, filter: string, size = mostRows, query: Query = {}) =>
    part(signal, firstRows(bounded, route, { filter, reverse: true, per_page: size, ...query }));
  const allocations = (filter: string, size = mostRows) =>
    rows(allocationRoutes.list, filter, size, { task_states: size <= mostDetailed });
  const notRunning = 'DesiredStatus == "run" and ClientStatus != "running" and ClientStatus != "complete"';
  /** Older servers know no `any`: then without those that run. */
  const detailedOnes = async () => {
    const restarted = '(any TaskStates as n, s { ClientStatus == "running" and s.Restarts != 0 })';
    const found = await allocations(`(${notRunning}) or (DesiredStatus == "run" and ${restarted})`, mostDetailed);
    const old = "failed" in found && found.failed instanceof NomadError && found.failed.kind === "bad_argument";
    return old ? await allocations(notRunning, mostDetailed) : found;
  };
  const replacedOnes = 'ClientStatus == "failed" and DesiredStatus != "run"';
  const telling = [...activeStatuses, "failed"];
  const [nodes, jobs, blocked, system, away, detailed, replaced, ended, lost, drained, deployments] = await Promise.all(
    [
      part(signal, firstRows(bounded, nodeRoutes.list, { per_page: mostNodes })),
      part(signal, pagesOfJobs(bounded, which)),
      rows(evaluationRoutes.list, 'Status == "blocked"'),
      rows(evaluationRoutes.list, '(Type == "system" or Type == "sysbatch") and Status == "complete"', 100),
      allocations(notRunning),
      detailedOnes(),
      allocations(replacedOnes, 100),
      allocations(replacedOnes, mostEnded),
      allocations('ClientStatus == "lost" or ClientStatus == "unknown"'),
      // What says it for certain is null of most, and no filter may meet that.
      allocations(
        'DesiredDescription == "alloc is being migrated" and ClientStatus == "complete" and NextAllocation == ""',
      ),
      rows(deploymentRoutes.list, telling.map((status) => `Status == "${status}"`).join(" or ")),
    ],
  );
  // Its filter looks into every running allocation: nothing else is to wait for that.
  const checks = await part(signal, readChecks(bounded, signal));
  return { nodes, jobs, blocked, system, away, detailed, replaced, ended, lost, drained, deployments, checks };
}

async function firstRows<T>(nomad: NomadClient, route: ListRoute<T>, query: Query): Promise<Rows<T>> {
  const { items, next } = await nomad.list(route, query);
  return { items, complete: next === undefined };
}

async function pagesOfJobs(nomad: NomadClient, { prefix, filter }: Which): Promise<Rows<JobStub>> {
  const began = performance.now();
  const jobs: JobStub[] = [];
  let token: string | undefined;
  for (let read = 0; read < jobPages; read++) {
    const wanted = ["Stop == false", ...(filter ? [`(${filter})`] : [])].join(" and ");
    const query = { prefix, filter: wanted, per_page: jobsPerPage, next_token: token };
    const { items, next } = await nomad.list(jobRoutes.list, query);
    jobs.push(...items);
    token = next;
    if (next === undefined || performance.now() - began > pagingTime) break;
  }
  return { items: jobs, complete: token === undefined };
}
