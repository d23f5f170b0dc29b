import * as z from "zod";
import { allOf, type Filter, filterText } from "../../api/filter.ts";
import { path } from "../../api/path.ts";
import type { JobStub } from "../../api/types.ts";
import { parameters } from "../../mcp/parameters.ts";
import { askedFilter } from "../../nomad/asked-filter.ts";
import { type RowState, rowState } from "../../nomad/health/summary.ts";
import type { NomadClient, Page } from "../../nomad-client.ts";
import { table } from "../../text/table.ts";
import { age, fromNanoseconds } from "../../text/time.ts";
import { lines, plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

/** With `only_trouble`, this many pages of this many jobs are looked through at most. */
const troublePages = 5;
const troublePageSize = 200;

export const listNomadJobs = defineTool({
  name: "list_nomad_jobs",
  title: "List jobs",
  description:
    "List jobs with their state, counts and what is wrong. Start here to find a job_id; only_trouble=true for what is broken.",
  risk: "read",
  needs: ["list-jobs"],
  input: {
    prefix: z.string().max(1024).optional().describe("Of the job id"),
    status: z.enum(["pending", "running", "dead", "stopped"]).optional(),
    type: z.enum(["service", "batch", "system", "sysbatch"]).optional(),
    filter: z.string().max(4096).optional().describe('Nomad expression: NodePool == "gpu"'),
    only_trouble: z.boolean().default(false),
    include_children: z.boolean().default(false).describe("Of periodic jobs"),
    limit: parameters.limit(25, 200),
    cursor: parameters.cursor,
  },
  async run(args, { nomad }) {
    const query = { prefix: args.prefix, filter: filterOf(args) };
    const found = args.only_trouble
      ? await troubled(nomad, query, args.limit, args.cursor)
      : await page(nomad, query, args.limit, args.cursor);
    if (found.rows.length === 0 && args.cursor === undefined)
      return await nothing(nomad, query, found, args.only_trouble);
    const where = nomad.namespace === "*" ? "in all namespaces" : `in namespace ${nomad.namespace}`;
    const kind = args.only_trouble
      ? plural(found.rows.length, "job in trouble", "jobs in trouble")
      : plural(found.rows.length, "job");
    const looked = args.only_trouble ? ` of ${found.looked} looked at` : "";
    return lines(
      `${kind}${looked} ${where}${found.next ? ", more follow" : ""}`,
      found.rows.length > 0 && `\n${listed(found.rows, nomad)}`,
      found.next && `\nNext: cursor=${found.next}`,
    );
  },
});

interface Row extends RowState {
  readonly job: JobStub;
}

interface Found {
  readonly rows: Row[];
  /** How many jobs were looked at. */
  readonly looked: number;
  readonly next: string | undefined;
}

interface JobQuery {
  readonly prefix: string | undefined;
  readonly filter: string | undefined;
}

function filterOf(args: {
  status?: keyof typeof statuses | undefined;
  type?: string | undefined;
  filter?: string | undefined;
  include_children: boolean;
}) {
  const parts = [
    args.include_children ? undefined : noChildren,
    args.status === undefined ? undefined : statuses[args.status],
    args.type === undefined ? undefined : equal("Type", args.type),
    askedFilter(args.filter, "jobs"),
  ];
  return parts.some((part) => part !== undefined) ? filterText(allOf(...parts)) : undefined;
}

const equal = (field: string, value: string): Filter => ({ kind: "compare", field: [field], operator: "==", value });
const noChildren = equal("ParentID", "");
const statuses = {
  stopped: equal("Stop", "true"),
  dead: allOf(equal("Status", "dead"), equal("Stop", "false")),
  running: equal("Status", "running"),
  pending: equal("Status", "pending"),
};

async function page(nomad: NomadClient, query: JobQuery, limit: number, cursor: string | undefined): Promise<Found> {
  const { items, next } = await jobs(nomad, query, limit, cursor);
  const rows = items.map((job) => ({ job, ...rowState(job) }));
  return { rows: rows.sort((one, other) => other.trouble - one.trouble), looked: items.length, next };
}

async function jobs(
  nomad: NomadClient,
  query: JobQuery,
  size: number,
  token: string | undefined,
): Promise<Page<JobStub>> {
  return await nomad.list<JobStub>(path`/v1/jobs`, { ...query, per_page: size, next_token: token });
}

/**
 * Looks through pages until enough troubled jobs are found. Where the limit falls inside a page, the cursor is that
 * page's token and the last job shown, since Nomad's own tokens are not to be made up.
 */
async function troubled(
  nomad: NomadClient,
  query: JobQuery,
  limit: number,
  cursor: string | undefined,
): Promise<Found> {
  const [start, after] = cursor?.split(separator) ?? [];
  const rows: Row[] = [];
  let looked = 0;
  let token = start || undefined;
  for (let read = 0; read < troublePages; read++) {
    const { items, next } = await jobs(nomad, query, troublePageSize, token);
    const fresh = read === 0 && after ? items.filter((job) => key(job) > after) : items;
    for (const job of fresh) {
      looked++;
      const state = rowState(job);
      if (state.trouble > 0) rows.push({ job, ...state });
      if (rows.length === limit && (next || job !== fresh.at(-1))) {
        return { rows: worstFirst(rows), looked, next: `${token ?? ""}${separator}${key(job)}` };
      }
    }
    token = next;
    if (next === undefined) break;
  }
  return { rows: worstFirst(rows), looked, next: token };
}

const separator = "|";
const key = (job: JobStub) => `${job.Namespace}/${job.ID}`;
const worstFirst = (rows: Row[]) => rows.sort((one, other) => other.trouble - one.trouble);

function listed(rows: Row[], nomad: NomadClient): string {
  const everywhere = nomad.namespace === "*";
  const cells = rows.map(({ job, state, counts }) => [
    job.ID,
    everywhere ? job.Namespace : "",
    job.Type,
    state,
    ...[counts.running, counts.starting, counts.queued, counts.failed].map((count) => (count === 0 ? "0" : count)),
    age(fromNanoseconds(job.SubmitTime) ?? nomad.now(), nomad.now()),
  ]);
  return table(["job", "namespace", "type", "state", "running", "starting", "queued", "failures", "age"], cells);
}

async function nothing(nomad: NomadClient, query: JobQuery, found: Found, onlyTrouble: boolean): Promise<string> {
  const where = nomad.namespace === "*" ? "in any namespace" : `in namespace ${nomad.namespace}`;
  if (onlyTrouble && found.looked > 0) {
    const more = found.next ? `, more follow\nNext: cursor=${found.next}` : "";
    return `None of the ${plural(found.looked, "job")} looked at ${where} is in trouble, as far as their summaries tell${more}`;
  }
  const such = query.prefix || query.filter !== filterText(noChildren) ? "that fit" : "";
  const empty = `No jobs ${such ? `${such} ` : ""}${where}.`;
  if (nomad.namespace === "*") return empty;
  if (nomad.namespace !== nomad.home) {
    const names = (await nomad.list<{ Name: string }>(path`/v1/namespaces`)).items.map(({ Name }) => Name);
    if (!names.includes(nomad.namespace)) {
      return `There is no namespace ${nomad.namespace} that the token may see; there is ${some(names, 10)}.`;
    }
  }
  const elsewhere = await jobs(nomad.in("*"), query, 1, undefined);
  return elsewhere.items.length > 0 ? `${empty} There are some in other namespaces: namespace=* lists them.` : empty;
}
