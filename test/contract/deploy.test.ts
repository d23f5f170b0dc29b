import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { Cluster } from "./support/cluster.ts";

// Only Nomad itself parses the HCL of deploy/: NOMAD_TEST_ADDR.
const address = process.env.NOMAD_TEST_ADDR ?? "";
const read = (name: string) => readFileSync(join(import.meta.dirname, "../../deploy", name), "utf8");

const jobs = {
  "nomad-mcp.nomad.hcl": {
    image: "registry.example.com/nomad-mcp:1",
    package: "https://files.example.com/nomad-mcp.tgz",
    public_url: "https://nomad-mcp.example.com",
    proxies: "10.0.0.0/8",
  },
  "load-balancer.nomad.hcl": { server_name: "nomad-mcp.example.com" },
};

describe.skipIf(address === "").each(Object.entries(jobs))("deploy/%s", (name, variables) => {
  test.each(["docker", "raw_exec"])("is a job for Nomad, with the driver %s", async (driver) => {
    const nomad = new Cluster(address);
    await nomad.needNamespace("nomad-mcp");
    const given = { ...variables, driver };
    const text = Object.entries(given).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    const body = { JobHCL: read(name), Variables: text.join("\n"), Canonicalize: true };
    const job = await nomad.ask<Job>("POST", "/v1/jobs/parse", { body });
    const asked = { query: { namespace: "nomad-mcp" }, body: { Job: job } };
    const { Error: fault, ValidationErrors: faults } = await nomad.ask<{
      Error: string;
      ValidationErrors: string[] | null;
    }>("POST", "/v1/validate/job", asked);
    expect([fault, faults]).toEqual(["", null]);
    const task = job.TaskGroups?.[0]?.Tasks?.[0];
    expect(task?.Driver).toBe(driver);
    // What is not in an image is fetched.
    const fetches = driver === "raw_exec" && "package" in variables;
    expect(Object(task).Artifacts ?? []).toHaveLength(fetches ? 1 : 0);
    await nomad.close();
  });
});
