import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations as allocationRoutes } from "../../../endpoints/allocations.ts";
import { type Deployment, deployments as deploymentRoutes } from "../../../endpoints/deployments.ts";
import type { ListRoute } from "../../../endpoints/endpoint.ts";
import { type Evaluation, evaluations as evaluationRoutes } from "../../../endpoints/evaluations.ts";
import { type JobStub, jobs as jobRoutes } from "../../../endpoints/jobs.ts";
import { type NodeStub, nodes as nodeRoutes } from "../../../endpoints/nodes.ts";
import { type VolumeStub, volumes as volumeRoutes } from "../../../endpoints/volumes.ts";
import type { NomadClient, Page, Query } from "../../../nomad-client.ts";
import { escaped } from "../../../text/pattern.ts";
import { type Instances, readInstances, type SoughtService } from "../../services/instances.ts";
import { given, type Part, part, requireSome } from "../../shared/parts.ts";
import { digitsOf, idPrefix } from "../../shared/uuid.ts";
import { type Holder, holdersOf, shownHolders } from "./holders.ts";
import { insideFilter, type SoughtName } from "./inside.ts";
import { lookUp, type Other } from "./look-up.ts";
import { type Hits, nearest } from "./nearest.ts";
import { jobKey, orphans, withoutParent } from "./runs.ts";
import { type Searched, searched } from "./searched.ts";

/** All that a text found. */
export interface Found {
  readonly jobs: Hits<JobStub>;
  /** Runs of parents that are gone, among the jobs, by {@link jobKey}. */
  readonly orphaned: ReadonlySet<string>;
  readonly holders: Hits<Holder>;
  /** True where this Nomad can look for names inside of its first 20 jobs only. */
  readonly shallow: boolean;
  /** Where the services answer that Nomad registers. */
  readonly instances: Instances;
  readonly nodes: Hits<NodeStub>;
  readonly allocations: Hits<AllocationStub>;
  readonly deployments: Hits<Deployment>;
  readonly evaluations: Hits<Evaluation>;
  readonly others: readonly Other[];
  readonly searched: Searched;
}

/** So many rows are read to find the nearest among them. */
const pageSize = 100;
/** A job is read to say which name in it matches, and whether it may be seen: 5 to 30 KB each. */
const mostRead = 10;

/** What is searched for, as Nomad is asked for it. */
interface Asked extends SoughtName {
  /** RE2 */
  readonly pattern: string;
  /** Of an id; empty where the text can be none. */
  readonly digits: string;
}

/**
 * Searches names and ids in the client's namespace, each part at once. Names by filters, which Nomad applies to all
 * objects: its fuzzy search looks at the first 20 jobs and does not say when it stopped there (seen on 2.0.6), so it is
 * asked only for what nothing else finds.
 *
 * @throws NomadError where nothing at all may be read.
 */
export async function search(
  nomad: NomadClient,
  sought: SoughtName,
  limit: number,
  signal: AbortSignal,
): Promise<Found> {
  const { text } = sought;
  const digits = digitsOf(text) ?? "";
  const asked = { ...sought, pattern: `(?i)${escaped(text)}`, digits };
  const parts = await read(nomad, asked, signal);
  const { exact, jobs, inside, looked } = parts;
  const shallow = "failed" in inside && inside.failed instanceof NomadError && inside.failed.kind === "bad_argument";
  const candidates = nearest([given(inside)], text, mostRead, ({ ID }) => ID, jobKey);
  const [held, left] = await Promise.all([
    holdersOf(nomad, candidates, sought, signal),
    runsLeft(nomad, asked, jobs, signal),
  ]);
  const found = nearest([given(exact), given(jobs), given(left)], text, limit, ({ ID }) => ID, jobKey);
  const holders = shallow
    ? { items: shownHolders(given(looked)?.holders ?? [], sought), more: false }
    : { items: held.items.slice(0, limit), more: held.more || held.items.length > limit };
  const [orphaned, instances] = await Promise.all([
    withoutParent(nomad, found.items, signal),
    readInstances(nomad, registeredServices(holders.items), signal),
  ]);
  const begun = <T extends { ID: string }>(page: Page<T> | undefined) =>
    page && { ...page, items: page.items.filter(({ ID }) => ID.replaceAll("-", "").startsWith(digits)) };
  const near = <T extends { ID: string }>(pages: readonly (Page<T> | undefined)[], name: (item: T) => string) =>
    nearest(pages, text, limit, name, ({ ID }) => ID);
  const ofId = <T extends { ID: string }>(one: Part<Page<T>>) => near([begun(given(one))], ({ ID }) => ID);
  return {
    ...{ jobs: found, orphaned, holders, shallow, instances },
    nodes: near([begun(given(parts.nodesById)), given(parts.nodes)], ({ Name }) => Name),
    allocations: near([begun(given(parts.allocations)), given(parts.named)], ({ Name }) => Name),
    deployments: ofId(parts.deployments),
    evaluations: ofId(parts.evaluations),
    others: [
      ...volumesFound("dynamic host volumes", parts.hostVolumes, ({ Name }) => Name),
      ...volumesFound("CSI volumes", parts.csiVolumes, ({ ID }) => ID),
      ...(given(looked)?.others ?? []),
    ],
    searched: searched({
      ...parts,
      inside: held.unread ? unreadJob : shallow ? { value: undefined } : inside,
      left,
      ids:
        digits !== ""
          ? ([
              ["allocations", parts.allocations],
              ["deployments", parts.deployments],
              ["evaluations", parts.evaluations],
              ["nodes", parts.nodesById],
            ] as const)
          : [],
    }),
  };
}

const unreadJob = { failed: new Refusal("not every job could be read") };

/** The first round: all lists at once. */
async function read(nomad: NomadClient, { text, pattern, digits }: Asked, signal: AbortSignal) {
  const byName = (field: string) => `${field} matches ${literal(pattern)}`;
  const list = <T>(route: ListRoute<T>, query: Query): Promise<Part<Page<T>>> =>
    part(signal, nomad.list(route, { per_page: pageSize, ...query }));
  const none = async <T>(): Promise<Part<Page<T>>> => ({ value: { items: [], next: undefined } });
  const byId = <T extends { ID: string }>(route: ListRoute<T>, query: Query = {}) =>
    digits === "" ? none<T>() : list(route, { ...query, prefix: idPrefix(digits) });
  const [exact, jobs, inside, nodes, nodesById, named, allocations, deployments, evaluations, host, csi, looked] =
    await Promise.all([
      list(jobRoutes.list, { filter: `ID == ${literal(text)}` }),
      list(jobRoutes.list, { filter: jobsFilter(text, `(${byName("ID")} or ${byName("Name")})`, digits !== "") }),
      list(jobRoutes.list, { filter: insideFilter(pattern) }),
      list(nodeRoutes.list, { filter: `${byName("Name")} or ${byName("Datacenter")} or ${byName("NodeClass")}` }),
      byId(nodeRoutes.list),
      // `web.api[0]` names an allocation; a bare word would only repeat the job's.
      /[.[]/.test(text)
        ? list(allocationRoutes.list, {
            filter: `${byName("Name")} and DesiredStatus == "run"`,
            task_states: false,
          })
        : none<AllocationStub>(),
      byId(allocationRoutes.list, { task_states: false }),
      byId(deploymentRoutes.list),
      byId(evaluationRoutes.list),
      list(volumeRoutes.list, { type: "host", filter: byName("Name") }),
      list(volumeRoutes.list, { type: "csi", filter: `${byName("ID")} or ${byName("Name")}` }),
      part(signal, lookUp(nomad, text)),
    ]);
  requireSome([jobs, nodes, looked]);
  return {
    ...{ exact, jobs, inside, nodes, nodesById, named, allocations, deployments, evaluations, looked },
    ...{ hostVolumes: host, csiVolumes: csi },
  };
}

/** Runs are named after their parents: only who writes the slash, or what stands behind it, means them. */
function jobsFilter(text: string, named: string, isId: boolean): string {
  if (text.includes("/")) return named;
  const parents = `${named} and ParentID == ""`;
  if (!isId && !/^(dispatch|periodic)-\d/i.test(text)) return parents;
  return `(${parents}) or (ParentID != "" and ID matches ${literal(`(?i)/[^/]*${escaped(text)}[^/]*$`)})`;
}

/** The runs that parents of this name have left; where the runs are listed anyway, none. */
async function runsLeft(
  nomad: NomadClient,
  { text, pattern }: Asked,
  jobs: Part<Page<JobStub>>,
  signal: AbortSignal,
): Promise<Part<Page<JobStub>>> {
  if ("failed" in jobs) return jobs;
  if (text.includes("/")) return { value: { items: [], next: undefined } };
  if (jobs.value.next !== undefined) return { failed: new Refusal("too many jobs of that name") };
  return await orphans(nomad, pattern, jobs.value.items, pageSize, signal);
}

function registeredServices(holders: readonly Holder[]): SoughtService[] {
  return holders.flatMap(({ job, names }) =>
    names.flatMap(({ name, registered }) => (registered ? [{ namespace: job.Namespace, name }] : [])),
  );
}

function volumesFound(kind: string, read: Part<Page<VolumeStub>>, name: (volume: VolumeStub) => string): Other[] {
  const { items = [], next } = given(read) ?? {};
  const names = items.map((volume) => `${name(volume)} (namespace ${volume.Namespace})`);
  return names.length > 0 ? [{ kind, names: [...new Set(names)], more: next !== undefined }] : [];
}
