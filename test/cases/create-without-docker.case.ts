import type { Case } from "./case.ts";

export const fault: Case = {
  about: "a docker job for nodes none of which has docker",
  happens: [],
  real: true,
  tool: "create_job",
  args: (id) => ({ job_id: id("main"), docker_image: "nginx:1.29", datacenters: ["dc2"] }),
  refused: true,
  first:
    /^No node can run contract-create-without-docker-main-\w+: docker is on no node[^\n]*; there are [\w, ]*mock_driver[\w, ]+\. Nothing was submitted\.\nNext: /,
  tokens: 90,
  requests: 3,
};
