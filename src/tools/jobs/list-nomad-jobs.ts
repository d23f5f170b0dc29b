import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { allOf, type Filter, filterText } from "../../api/request/filter.ts";
import { type JobStub, jobs } from "../../endpoints/jobs.ts";
import { namespaces } from "../../endpoints/namespaces.ts";
import { parameters } from "../../mcp/parameters.ts";
import { notLookedAt, notSeen } from "../../nomad/cluster/problems/limits.ts";
import { lookAtJobs } from "../../nomad/cluster/problems/look.ts";
import { problemsOfJobs } from "../../nomad/cluster/problems/of-jobs.ts";
import { type RowState, rowState } from "../../nomad/jobs/health/summary.ts";
import { readWanted, type Wanted, wantedKey } from "../../nomad/jobs/health/wanted.ts";
import { askedFilter } from "../../nomad/shared/asked-filter.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type Answer, answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { age, fromNanoseconds } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { grouped, lines, plural, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const listNomadJobs = defineTool({
  name: "list_nomad_jobs",
  title: "List jobs",
  description:
    "List jobs with their state, counts and what is wrong. Start here to find a job_id; only_trouble=true for what is broken.",
  risk: "read",
  needs: ["list-jobs"],
  helps: ["read-job", "node:read"],
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
  async run(args, { nomad, signal }) {
    const query = { prefix: args.prefix, filter: filterOf(args) };
    const found = args.only_trouble
      ? await troubled(nomad, query, args, signal)
      : await page(nomad, query, args.limit, args.cursor);
    if (found.rows.length === 0 && args.cursor === undefined)
      return await nothing(nomad, query, found, args.only_trouble);
    const where = nomad.namespace === "*" ? "in all namespaces" : `in namespace ${nomad.namespace}`;
    const count = args.only_trouble
      ? `${grouped(found.of)} of ${plural(found.looked, "job")} in trouble`
      : plural(found.rows.length, "job");
    const notes = lines(...found.notes);
    return {
      headline: `${count} ${where}${found.next ? ", more follow" : ""}`,
      sections: [found.rows.length > 0 && `\n${listed(found.rows, nomad)}`, notes !== "" && `\n${notes}`],
      next: found.next ? [`cursor=${found.next}`] : [],
      data: { jobs: found.rows.map(data), cursor: found.next },
    };
  },
});

interface Row extends RowState {
  readonly job: JobStub;
  /** How many of it should run, where that is known, and how many do. */
  readonly wanted: Wanted | undefined;
}

interface Found {
  readonly rows: readonly Row[];
  /** How many there are, where that is known. */
  readonly of: number;
  /** How many jobs were looked at. */
  readonly looked: number;
  readonly next: string | undefined;
  /** Where it stopped looking, and what it could not see. */
  readonly notes: readonly (string | undefined)[];
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
  const list = { ...query, per_page: limit, next_token: cursor };
  const { items, next } = await nomad.list(jobs.list, list);
  const rows = await rowsOf(nomad, items);
  rows.sort((one, other) => other.trouble - one.trouble);
  return { rows, of: rows.length, looked: items.length, next, notes: [] };
}

async function rowsOf(nomad: NomadClient, jobs: readonly JobStub[]): Promise<Row[]> {
  const known = await readWanted(nomad, jobs);
  return jobs.map((job) => {
    const wanted = known.get(wantedKey(job));
    return { job, ...rowState(job, wanted), wanted };
  });
}

/**
 * The jobs in trouble as find_problems judges them, the worst first. Each call looks anew, so the cursor is a place in
 * the order: what gets better meanwhile moves the rest up.
 */
async function troubled(
  nomad: NomadClient,
  query: JobQuery,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  signal: AbortSignal,
): Promise<Found> {
  const look = await lookAtJobs(nomad, signal, query);
  const { jobs, problems } = await problemsOfJobs(look, signal);
  const states = new Map<string, string>();
  for (const { sentence, jobs: affected } of problems)
    for (const job of affected) {
      const key = wantedKey({ Namespace: job.namespace, ID: job.id });
      if (!states.has(key)) states.set(key, sentence);
    }
  const order = [...states.keys()].flatMap((key) => jobs.rows.get(key)?.job ?? []);
  const from = Number(cursor ?? 0);
  if (!Number.isInteger(from) || from < 0) throw new Refusal(`cursor=${cursor} is none that only_trouble gave.`);
  const rows = (await rowsOf(nomad, order.slice(from, from + limit))).map((row) => ({
    ...row,
    state: states.get(wantedKey(row.job)) ?? row.state,
  }));
  const next = from + limit < order.length ? String(from + limit) : undefined;
  return { rows, of: order.length, looked: jobs.rows.size, next, notes: [notLookedAt(look), notSeen(look)] };
}

const data = ({ job, state, counts, wanted }: Row) => ({
  job_id: job.ID,
  name: job.Name,
  namespace: job.Namespace,
  type: job.Type,
  status: job.Status,
  state,
  running: wanted?.running ?? counts.running,
  wanted: wanted?.count,
});

function listed(rows: readonly Row[], nomad: NomadClient): string {
  const everywhere = nomad.namespace === "*";
  const cells = rows.map(({ job, state, counts, wanted }) => [
    job.Name === job.ID ? job.ID : `${job.ID} (name ${quotedLine(job.Name, 60)})`,
    everywhere ? job.Namespace : "",
    job.Type,
    state,
    wanted === undefined ? `${counts.running}` : `${wanted.running} of ${wanted.count}`,
    ...[counts.starting, counts.queued, counts.failed].map((count) => (count === 0 ? "0" : count)),
    age(fromNanoseconds(job.SubmitTime) ?? nomad.now(), nomad.now()),
  ]);
  return table(["job", "namespace", "type", "state", "running", "starting", "queued", "failures", "age"], cells);
}

async function nothing(nomad: NomadClient, query: JobQuery, found: Found, onlyTrouble: boolean): Promise<Answer> {
  const none = { jobs: [] };
  const where = nomad.namespace === "*" ? "in any namespace" : `in namespace ${nomad.namespace}`;
  if (onlyTrouble && found.looked > 0)
    return {
      ...answer(`None of the ${plural(found.looked, "job")} ${where} is in trouble.`, ...found.notes),
      data: none,
    };
  const such = query.prefix || query.filter !== filterText(noChildren) ? "that fit" : "";
  const empty = `No jobs ${such ? `${such} ` : ""}${where}.`;
  if (nomad.namespace === "*") return { headline: empty, data: none };
  if (nomad.namespace !== nomad.home) {
    const names = (await nomad.list(namespaces.list)).items.map(({ Name }) => Name);
    if (!names.includes(nomad.namespace)) {
      return answer(`There is no namespace ${nomad.namespace} that the token may see; there is ${some(names, 10)}.`);
    }
  }
  const elsewhere = await nomad.in("*").list(jobs.list, { ...query, per_page: 1 });
  const others = elsewhere.items.length > 0 ? " There are some in other namespaces: namespace=* lists them." : "";
  return { headline: `${empty}${others}`, data: none };
}
