import * as z from "zod";
import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { Deployment } from "../../endpoints/deployments.ts";
import type { Evaluation } from "../../endpoints/evaluations.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import { parameters } from "../../mcp/parameters.ts";
import { type Found, type Hits, search } from "../../nomad/cluster/search/search.ts";
import { rowState } from "../../nomad/jobs/health/summary.ts";
import { table } from "../../text/table.ts";
import { cutName, quotedLine } from "../../text/untrusted.ts";
import { all, lines, plural, short, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const searchNomad = defineTool({
  name: "search_nomad",
  title: "Search the cluster",
  description:
    "Find jobs, groups, tasks, services, images, nodes, volumes by a part of their name, allocations, deployments and evaluations by the start of their id, in all namespaces. Use it when you have a word or an id and do not know what it is.",
  risk: "read",
  needs: ["list-jobs"],
  helps: ["node:read", "read-job"],
  input: {
    text: z.string().trim().min(2).max(128),
    limit: parameters.limit(10, 50).describe("Of each kind"),
  },
  async run({ text, limit, namespace }, { nomad, signal, mask }) {
    const found = await search(nomad.in(namespace ?? "*"), { text, mask }, limit, signal);
    const where = namespace === undefined || namespace === "*" ? "in any namespace" : `in namespace ${namespace}`;
    const named = `"${quotedLine(text)}"`;
    const sections = sectionsOf(found);
    const unseen = found.unseen.length > 0 && `(could not be searched: ${all(found.unseen)})`;
    if (sections.length === 0) {
      const what = "It stands in no name of a job, a node, a volume or anything inside a job, and no id begins so";
      return lines(`Nothing found for ${named} ${where}.`, unseen || `${what}.`);
    }
    const counts = sections.map(
      ({ count, more, one, many }) => `${more ? "more than " : ""}${plural(count, one, many)}`,
    );
    return lines(
      `${named}: ${all(counts)}`,
      ...sections.map(({ many, body, more }) => `\n${many}${more ? ` (the nearest ones)` : ""}\n${body}`),
      sections.some(({ more }) => more) && "\nA longer text or a greater limit shows the rest.",
      found.shallow && "(inside jobs only the first 20 were looked at: this Nomad's filters cannot do more)",
      unseen,
    );
  },
});

interface Section {
  readonly one: string;
  readonly many: string;
  readonly count: number;
  readonly more: boolean;
  readonly body: string;
}

function sectionsOf(found: Found): Section[] {
  const section = <T>(one: string, many: string, hits: Hits<T>, body: (items: readonly T[]) => string): Section => ({
    ...{ one, many, count: hits.items.length, more: hits.more, body: hits.items.length > 0 ? body(hits.items) : "" },
  });
  const listed =
    <T>(row: (item: T) => string) =>
    (items: readonly T[]) =>
      items.map((item) => `  ${row(item)}`).join("\n");
  const jobs = section("job", "jobs", found.jobs, (items) =>
    table(
      ["  job", "namespace", "type", "state"],
      items.map((job) => [`  ${job.ID}`, job.Namespace, job.Type, rowState(job).state]),
    ),
  );
  const holders = section("job with it inside", "jobs with it inside", found.holders, (items) =>
    table(
      ["  job", "namespace", "what"],
      items.map(({ job, names }) => [
        `  ${job.ID}`,
        job.Namespace,
        some(
          names.map(({ kind, name }) => `${kind} ${cutName(name)}`),
          4,
        ),
      ]),
    ),
  );
  const others = found.others.map(({ kind, names, more }) => ({
    ...{ one: kind.slice(0, -1), many: kind, count: names.length, more, body: `  ${names.join(", ")}` },
  }));
  return [
    jobs,
    section("allocation", "allocations", found.allocations, listed(allocation)),
    section("node", "nodes", found.nodes, listed(node)),
    section("deployment", "deployments", found.deployments, listed(deployment)),
    section("evaluation", "evaluations", found.evaluations, listed(evaluation)),
    holders,
    ...others,
  ].filter(({ count }) => count > 0);
}

const allocation = ({ ID, Name, Namespace, ClientStatus, NodeName }: AllocationStub) =>
  `${short(ID)} ${Name} (namespace ${Namespace}): ${ClientStatus} on ${NodeName}`;

const node = ({ ID, Name, Datacenter, Status, SchedulingEligibility, Drain }: NodeStub) => {
  const state = [Status, Drain && "draining", SchedulingEligibility === "ineligible" && "ineligible"].filter(Boolean);
  return `${short(ID)} ${Name} (${Datacenter}): ${state.join(", ")}`;
};

const deployment = ({ ID, JobID, Namespace, JobVersion, Status }: Deployment) =>
  `${short(ID)} of job ${JobID} (namespace ${Namespace}) version ${JobVersion}: ${Status}`;

const evaluation = ({ ID, JobID, Namespace, TriggeredBy, Status }: Evaluation) =>
  `${short(ID)} of job ${JobID} (namespace ${Namespace}): ${Status}, triggered by ${TriggeredBy}`;
