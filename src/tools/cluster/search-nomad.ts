import * as z from "zod";
import type { AllocationStub } from "../../endpoints/allocations.ts";
import type { Deployment } from "../../endpoints/deployments.ts";
import type { Evaluation } from "../../endpoints/evaluations.ts";
import type { JobStub } from "../../endpoints/jobs.ts";
import type { NodeStub } from "../../endpoints/nodes.ts";
import { parameters } from "../../mcp/parameters.ts";
import type { Hits } from "../../nomad/cluster/search/nearest.ts";
import { jobKey } from "../../nomad/cluster/search/runs.ts";
import { type Found, search } from "../../nomad/cluster/search/search.ts";
import { rowState } from "../../nomad/jobs/health/summary.ts";
import { statusText } from "../../nomad/nodes/words.ts";
import { toolOrCommand } from "../../nomad/shared/next-step.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { answer } from "../../text/answer.ts";
import { table } from "../../text/table.ts";
import { cutName, quotedLine } from "../../text/untrusted.ts";
import { all, lines, plural, short, some } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const searchNomad = defineTool({
  name: "search_nomad",
  title: "Search the cluster",
  description:
    "Find jobs, groups, tasks, images, nodes, volumes, services (with address and health) by a part of their name, allocations, deployments and evaluations by the start of their id, in all namespaces. Use it to learn what a word or an id is.",
  risk: "read",
  needs: ["list-jobs"],
  helps: ["csi-list-volume", "host-volume-read", "node:read", "read-job"],
  input: {
    text: z.string().trim().min(2).max(128),
    limit: parameters.limit(10, 50).describe("Of each kind"),
  },
  async run({ text, limit, namespace }, { nomad, signal, mask }) {
    const found = await search(nomad.in(namespace ?? "*"), { text, mask }, limit, signal);
    const where = namespace === undefined || namespace === "*" ? "in any namespace" : `in namespace ${namespace}`;
    const named = `"${quotedLine(text)}"`;
    const sections = sectionsOf(found);
    const { what, not } = found.searched;
    const unseen = not.length > 0 && `Not searched: ${not.join("; ")}.`;
    if (sections.length === 0) {
      const seen = what !== "" && `Searched, as far as the token may see: ${what}.`;
      return answer(`Nothing found for ${named} ${where}.`, found.shallow ? shallow : seen, unseen);
    }
    const counts = sections.map(
      ({ count, more, one, many }) => `${more ? "more than " : ""}${plural(count, one, many)}`,
    );
    return answer(
      `${named}: ${all(counts)}`,
      orphanLine(found, nomad),
      ...sections.map(({ many, body, more }) => `\n${many}${more ? ` (the nearest ones)` : ""}\n${body}`),
      sections.some(({ more }) => more) && "\nA longer text or a greater limit shows the rest.",
      withoutAddress(found.instances),
      found.shallow && shallow,
      unseen,
    );
  },
});

const shallow = "(inside jobs only the first 20 were looked at: this Nomad's filters cannot do more)";

/** Nothing else leads to what runs without its parent. */
function orphanLine({ jobs, orphaned }: Found, nomad: NomadClient) {
  const left = jobs.items.filter((job) => orphaned.has(jobKey(job)) && job.Status !== "dead");
  const [first] = left;
  if (first === undefined) return undefined;
  const stop = toolOrCommand(nomad.in(first.Namespace), ["stop_job", { job_id: first.ID }], ["job stop", first.ID]);
  return `${plural(left.length, "run goes", "runs go")} on although the parent is gone; ${stop} ends ${left.length === 1 ? "it" : "one"}`;
}

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
  const orphaned = (job: JobStub) => found.orphaned.has(jobKey(job));
  const jobs = section("job", "jobs", found.jobs, (items) =>
    table(
      ["  job", "namespace", "type", "state"],
      items.map((job) => {
        const state = orphaned(job) ? `${rowState(job).state}, its parent is gone` : rowState(job).state;
        return [`  ${job.ID}`, job.Namespace, job.Type, state];
      }),
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
    instancesSection(found.instances),
    ...others,
  ].filter(({ count }) => count > 0);
}

/** Where services answer. The jobs in which they stand are told of in a section of their own. */
function instancesSection({ instances, more }: Found["instances"]): Section {
  const body = table(
    ["  service", "namespace", "job", "address", "node", "health"],
    instances.map(({ name, namespace, jobId, address, on, health }) => {
      return [`  ${name}`, namespace, jobId, address, on, health];
    }),
  );
  return {
    ...{ one: "address of a service", many: "addresses of services" },
    ...{ count: instances.length, more: more.length > 0, body },
  };
}

/** Of which services no address is told, and why. */
function withoutAddress({ none, unread }: Found["instances"]): string {
  return lines(
    none.length > 0 && `No instance of service ${some(none, 5)} is registered now.`,
    unread.length > 0 && `The addresses of service ${some(unread, 5)} were not asked.`,
  );
}

const allocation = ({ ID, Name, Namespace, ClientStatus, NodeName }: AllocationStub) =>
  `${short(ID)} ${Name} (namespace ${Namespace}): ${ClientStatus} on ${NodeName}`;

const node = (each: NodeStub) => `${short(each.ID)} ${each.Name} (${each.Datacenter}): ${statusText(each)}`;

const deployment = ({ ID, JobID, Namespace, JobVersion, Status }: Deployment) =>
  `${short(ID)} of job ${JobID} (namespace ${Namespace}) version ${JobVersion}: ${Status}`;

const evaluation = ({ ID, JobID, Namespace, TriggeredBy, Status }: Evaluation) =>
  `${short(ID)} of job ${JobID} (namespace ${Namespace}): ${Status}, triggered by ${TriggeredBy}`;
