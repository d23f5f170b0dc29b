import { acl } from "./acl/index.ts";
import { allocations } from "./allocations/index.ts";
import { cluster } from "./cluster/index.ts";
import { deployments } from "./deployments/index.ts";
import { exec } from "./exec/index.ts";
import { files } from "./files/index.ts";
import { jobs } from "./jobs/index.ts";
import { library } from "./library/index.ts";
import { maintenance } from "./maintenance/index.ts";
import { namespaces } from "./namespaces/index.ts";
import { nodes } from "./nodes/index.ts";
import { operator } from "./operator/index.ts";
import { services } from "./services/index.ts";
import { specs } from "./specs/index.ts";
import { variables } from "./variables/index.ts";
import { volumes } from "./volumes/index.ts";

/** Every toolset, in the order in which hosts see them. */
export const toolsets = [
  ...[jobs, specs, library, allocations, deployments, nodes, services, variables, namespaces, cluster],
  ...[files, exec, volumes, maintenance, acl, operator],
];
