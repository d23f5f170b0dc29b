import { jobs } from "../endpoints/jobs.ts";
import type { ResourceKind, ResourceOptions, ResourcePage } from "../mcp/resources.ts";
import { rowState } from "../nomad/jobs/health/summary.ts";
import type { NomadClient } from "../nomad-client.ts";
import { quotedLine } from "../text/untrusted.ts";
import type { Completers, OpenCluster } from "./completers.ts";

/** So many jobs are on a page of the list. */
const pageSize = 50;

/** The resources of Nomad clusters. Their texts are those of the tools. `mask`: takes out what must not leave. */
export function nomadResources(
  completers: Completers,
  clusters: readonly string[],
  open: OpenCluster,
  mask: (text: string) => string,
): ResourceOptions {
  return {
    kinds: kinds(completers),
    clusters,
    async list(cursor, signal) {
      const [, named, token] = /^([^/]*)\/(.*)$/s.exec(cursor ?? "") ?? [];
      const at = Math.max(0, clusters.indexOf(named ?? ""));
      const [cluster = "", following] = clusters.slice(at);
      const { items, next } = await jobPage(open({ cluster }, signal), cluster, token, mask);
      if (next !== undefined) return { items, next: `${cluster}/${next}` };
      return { items, next: following && `${following}/` };
    },
  };
}

function kinds(completers: Completers): ResourceKind[] {
  const { cluster, namespace, job_id, group, allocation_id, task, node_id, deployment_id, evaluation_id, file } =
    completers;
  const ofJob = { cluster, namespace, job_id };
  return [
    {
      name: "job",
      title: "Job",
      description: "How a job is, and why",
      template: "nomad://{cluster}/jobs/{namespace}/{job_id}",
      tool: "get_job_status",
      args: ({ namespace, job_id }) => ({ namespace, job_id }),
      complete: ofJob,
    },
    {
      name: "job-evaluations",
      title: "Evaluations of a job",
      description: "What the scheduler made of a job",
      template: "nomad://{cluster}/jobs/{namespace}/{job_id}/evaluations",
      tool: "get_job_evaluations",
      args: ({ namespace, job_id }) => ({ namespace, job_id }),
      complete: ofJob,
    },
    {
      name: "allocation",
      title: "Allocation",
      description: "One allocation: state, exits, restarts, ports, resources, checks",
      template: "nomad://{cluster}/allocations/{allocation_id}",
      tool: "get_allocation_status",
      args: ({ allocation_id }) => ({ allocation_id }),
      complete: { cluster, allocation_id },
    },
    {
      name: "log",
      title: "Log of a task",
      description: "The last lines of a task's stderr and stdout",
      template: "nomad://{cluster}/logs/{allocation_id}/{task}",
      tool: "get_job_logs",
      args: ({ allocation_id, task }) => ({ allocation_id, task }),
      complete: { cluster, allocation_id, task },
    },
    {
      name: "group-log",
      title: "Log of a group",
      description: "The last lines of the allocation of a group whose log tells most",
      template: "nomad://{cluster}/logs/{namespace}/{job_id}/{group}",
      tool: "get_job_logs",
      args: ({ namespace, job_id, group }) => ({ namespace, job_id, group }),
      complete: { ...ofJob, group },
    },
    {
      name: "node",
      title: "Node",
      description: "One node: state, resources, drivers, last events, allocations",
      template: "nomad://{cluster}/nodes/{node_id}",
      tool: "get_node_status",
      args: ({ node_id }) => ({ node: node_id }),
      complete: { cluster, node_id },
    },
    {
      name: "deployment",
      title: "Deployment",
      description: "One deployment: how far each group has come",
      template: "nomad://{cluster}/deployments/{deployment_id}",
      tool: "get_deployment_status",
      args: ({ deployment_id }) => ({ deployment_id }),
      complete: { cluster, deployment_id },
    },
    {
      name: "evaluation",
      title: "Evaluation",
      description: "One evaluation: what came of it, why something was not placed",
      template: "nomad://{cluster}/evaluations/{evaluation_id}",
      tool: "get_evaluation",
      args: ({ evaluation_id }) => ({ evaluation_id }),
      complete: { cluster, evaluation_id },
    },
    {
      name: "job-file",
      title: "Job file",
      description: "A file of the library as it stands, by its address",
      template: "nomad://{cluster}/files/{file}",
      tool: "get_job_file",
      args: ({ file }) => ({ file }),
      complete: { cluster, file },
    },
  ];
}

/** A page of the jobs of the usual namespace. */
async function jobPage(
  nomad: NomadClient,
  cluster: string,
  cursor: string | undefined,
  mask: (text: string) => string,
): Promise<ResourcePage> {
  const query = { filter: 'ParentID == ""', per_page: pageSize, next_token: cursor };
  const { items, next } = await nomad.list(jobs.list, query);
  return {
    items: items.map((job) => ({
      kind: "job",
      variables: { cluster, namespace: job.Namespace, job_id: job.ID },
      name: job.ID,
      description: mask(`${job.Type}, ${quotedLine(rowState(job).state)}`),
    })),
    next,
  };
}
