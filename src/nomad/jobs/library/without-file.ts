import { allOf, type Filter, filterText } from "../../../api/request/filter.ts";
import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import type { KeptJob } from "./kept-jobs.ts";

/** The jobs that run and that no file is of. */
export interface WithoutFile {
  readonly jobs: readonly JobStub[];
  /** How many jobs were looked at, and whether there are more. */
  readonly looked: number;
  readonly more: boolean;
}

/** So many jobs of the cluster are looked at. */
const mostJobs = 2_000;

const is = (field: string, value: string): Filter => ({ kind: "compare", field: [field], operator: "==", value });

/** The jobs of the client's namespaces that were not stopped, and are the job of none of the files. */
export async function withoutFile(nomad: NomadClient, kept: readonly KeptJob[]): Promise<WithoutFile> {
  const filed = new Set(
    kept.flatMap(({ heading }) => (heading ? [keyOf(heading.id, heading.namespace ?? nomad.home)] : [])),
  );
  // Neither runs of periodic and parameterized jobs, nor what somebody stopped.
  const filter = filterText(allOf(is("ParentID", ""), is("Stop", "false")));
  const { items, next } = await nomad.list(jobs.list, { filter, per_page: mostJobs });
  return {
    jobs: items.filter(({ ID, Namespace }) => !filed.has(keyOf(ID, Namespace))),
    looked: items.length,
    more: next !== undefined,
  };
}

const keyOf = (id: string, namespace: string) => `${unseal(namespace)}\0${unseal(id)}`;
