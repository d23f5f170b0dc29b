import { acl } from "./acl.ts";
import { allocations } from "./allocations.ts";
import { deployments } from "./deployments.ts";
import { type Endpoint, leadsTo } from "./endpoint.ts";
import { evaluations } from "./evaluations.ts";
import { events } from "./events.ts";
import { jobs } from "./jobs.ts";
import { namespaces } from "./namespaces.ts";
import { nodePools } from "./node-pools.ts";
import { nodes } from "./nodes.ts";
import { operator } from "./operator.ts";
import { search } from "./search.ts";
import { variables } from "./variables.ts";

/** The routes by noun. */
export const nouns: Readonly<Record<string, Readonly<Record<string, Endpoint | string>>>> = {
  ...{ acl, allocations, deployments, evaluations, events, jobs, namespaces, nodePools, nodes, operator, search },
  variables,
};

const all = Object.values(nouns).flatMap((noun) => Object.values(noun).filter((each) => typeof each === "object"));

/** The route that a request is of, told by its method and encoded path; undefined for one that is not declared. */
export function endpointAt(method: string, path: string): Endpoint | undefined {
  const same = (each: Endpoint) =>
    (each.method === "POST" ? "PUT" : each.method) === (method === "POST" ? "PUT" : method);
  const fitting = all.filter((each) => same(each) && leadsTo(each, path));
  return fitting.toSorted((one, other) => constant(other) - constant(one))[0];
}

/** How much of a declared path is the same for all: `/v1/acl/policy/self` is no policy of that name. */
const constant = ({ path }: Endpoint) => path.replaceAll(/:\w+/g, "").length;
