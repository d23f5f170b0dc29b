import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "network mode bridge on a node without the CNI plugins",
  happens: [
    {
      submit: mock({}, { Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http" }] }] }, { Datacenters: ["dc2"] }),
    },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: network mode bridge needs the CNI plugins \(bridge, firewall, host-local, loopback, portmap; \S+ is missing\), which 1 of 1 ready node does not have/,
  says: [/install the CNI plugins/, /set mode = "host"/],
  never: [/semver|drop the constraint/],
  tokens: 230,
  requests: 16,
};
