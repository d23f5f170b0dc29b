import { type Case, mock } from "./case.ts";

export const fault: Case = {
  about: "a service that is to be registered in Consul, which no node has",
  happens: [
    {
      submit: mock(
        {},
        {
          Networks: [{ Mode: "host", DynamicPorts: [{ Label: "http" }] }],
          Services: [{ Name: "frontend", PortLabel: "http", Provider: "consul" }],
        },
      ),
    },
    { pass: 15 },
  ],
  real: true,
  first:
    /not placed: 0 of 1 running.*\nWhy: service frontend \(provider "consul", the default\) needs Consul 1\.8\.0 or newer, which (\d) of \1 nodes do not have/,
  says: [/set provider = "nomad" in the service block/, /run a Consul agent/],
  never: [/drop the constraint|attr\.consul/],
  tokens: 220,
  requests: 16,
};
