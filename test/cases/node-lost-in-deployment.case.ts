import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a node is lost in the middle of a deployment: nothing is wrong with the job file",
  recorded: {
    folder: "web",
    edit(state) {
      for (const allocation of state.allocations)
        Object.assign(allocation, { ClientStatus: "unknown", DeploymentStatus: { Healthy: false, Canary: false } });
      for (const node of state.nodes) Object.assign(node, { Status: "disconnected" });
      for (const deployment of state.deployments)
        Object.assign(deployment, { Status: "failed", StatusDescription: "Failed due to progress deadline" });
    },
  },
  tool: "get_job_status",
  first: /failed: the deployment of version 0 failed.*\nWhy: api\[\d\] .*cannot be seen: node \S+ is disconnected/,
  says: [/Next: bring dev-1 back/],
  never: [/submit_job_file|revert_job|fix/],
  tokens: 250,
  requests: 12,
};
