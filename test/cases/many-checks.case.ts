import { type Case, mock } from "./case.ts";

const service = {
  Name: "shop-api",
  Provider: "nomad",
  PortLabel: "http",
  Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }],
};
const web = { Name: "web", Driver: "docker", Config: { image: "shop/web:1" }, Resources: { CPU: 20, MemoryMB: 16 } };

export const fault: Case = {
  about: "a service of seven that is well: of how many the checks were looked at",
  happens: [
    {
      submit: mock(
        {},
        { Count: 7, Networks: [{ DynamicPorts: [{ Label: "http" }] }], Services: [service], Tasks: [web] },
      ),
    },
    { pass: 60 },
  ],
  tool: "get_job_status",
  first: /running: 7 of 7 healthy \(checks of 5 of 7 looked at\), version 0/,
  never: [/Why:|no check/],
  tokens: 230,
  requests: 13,
};
