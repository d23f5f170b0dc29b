import { expect } from "vitest";
import { contract } from "./support/contract.ts";

const nobody = "12345678-1234-1234-1234-123456789abc";

/** What our code tells apart by Nomad's words (src/api/errors/errors.ts) and is not met in another file here. */
contract("errors", (test) => {
  test.for([
    ["/v1/allocation/12345678", "500 alloc lookup failed: index error: UUID must be 36 characters"],
    [`/v1/allocation/${nobody}`, "404 alloc not found"],
    [
      "/v1/allocations?prefix=1234567",
      "500 alloc lookup failed: index error: Input (without hyphens) must be even length",
    ],
    [
      "/v1/evaluation/12345678",
      "500 failed to lookup eval: eval lookup failed: index error: UUID must be 36 characters",
    ],
    [`/v1/evaluation/${nobody}`, "404 eval not found"],
    [`/v1/deployment/${nobody}`, "404 deployment not found"],
    ["/v1/job/contract-none", "404 job not found"],
    ["/v1/job/contract-none/summary", "404 job not found"],
    ["/v1/job/contract-none/scale", "404 job not found"],
    ["/v1/job/contract-none/submission?version=0", "404 job source not found"],
    [`/v1/client/allocation/${nobody}/stats`, `404 Unknown allocation "${nobody}"`],
    [`/v1/client/allocation/${nobody}/checks`, `404 Unknown allocation "${nobody}"`],
    [`/v1/client/fs/ls/${nobody}?path=/alloc/logs`, `404 Unknown allocation "${nobody}"`],
  ] as const)("GET %s", async ([path, answer], { nomad }) => {
    const { status, text } = await nomad.send("GET", path);
    expect(`${status} ${text}`).toBe(answer);
  });

  test.for([
    ["POST", "/v1/job/contract-none/evaluate", { JobID: "contract-none" }, "500 job not found"],
    ["PUT", `/v1/allocation/${nobody}/stop`, undefined, "404 allocation not found"],
    ["PUT", `/v1/client/allocation/${nobody}/restart`, {}, `404 Unknown allocation "${nobody}"`],
    ["POST", "/v1/jobs", {}, "400 Job must be specified"],
    ["POST", "/v1/jobs/parse", { JobHCL: "" }, "400 Job spec is empty"],
  ] as const)("%s %s", async ([method, path, body, answer], { nomad }) => {
    const { status, text } = await nomad.send(method, path, { body });
    expect(`${status} ${text}`).toBe(answer);
  });
});
