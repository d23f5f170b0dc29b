import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

const constraint = { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" }] };
const group = { ...noDeployment, Tasks: [task("server", {}, { Resources: { CPU: 20, MemoryMB: 800 } })] };

export const fault: Case = {
  about: "jobs of lower priority fill the only node that meets the constraint, and preemption is off",
  happens: [
    { submit: mock({}, { ...group, Count: 12 }, { ...constraint, Priority: 20 }), as: "filler" },
    { pass: 10 },
    { submit: mock({}, group, { ...constraint, Priority: 90 }) },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: .*client-3 has \d+ of [\d,]+ MB free, most of it taken by contract-preemption-off-filler-\w+ \([\d,]+ MB\); preemption is off for service jobs, else it could evict contract-preemption-off-filler-\w+, of lower priority/,
  says: [/stop or scale down contract-preemption-off-filler/, /set_scheduler_config setting=preempt_service value=on/],
  never: [/drop the constraint/],
  tokens: 330,
  requests: 18,
};
