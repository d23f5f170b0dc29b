import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { JobPlan } from "../../src/endpoints/jobs.ts";
import { jobHcl } from "../../src/nomad/jobs/source/hcl-job.ts";
import { contract } from "./support/contract.ts";

const folder = join(import.meta.dirname, "../job-files");
/** What a cluster must have for them beside Nomad: Consul's configuration is written, Vault asked. */
const needsMore = ["gateway.nomad.hcl", "vault.nomad.hcl"];
/** The demo cluster says of these that it does not know all of their blocks. */
const beyondDemo = [
  "actions",
  "connect",
  "consul",
  "disconnect",
  "identity",
  "parameterized",
  "scaling",
  "service",
  "volumes",
];
const files = readdirSync(folder).filter((name) => !needsMore.includes(name));

contract("a job file that is made of a job", (test) => {
  test.for(files)("changes nothing: %s", async (name, { nomad, target, skip }) => {
    const stem = name.split(".", 1)[0] ?? "";
    skip(target.name.startsWith("demo") && beyondDemo.includes(stem));
    const parse = (JobHCL: string) =>
      nomad.ask<{ ID: string }>("POST", "/v1/jobs/parse", { body: { JobHCL, Canonicalize: false } });
    const id = nomad.id(stem);
    const source = readFileSync(join(folder, name), "utf8").replace(/^job "[^"]*"/m, `job "${id}"`);
    const job = await parse(source);
    await nomad.register(job);
    const made = jobHcl(await nomad.get(`/v1/job/${id}`));
    const plan = async (Job: object) =>
      await nomad.ask<JobPlan>("POST", `/v1/job/${id}/plan`, { body: { Job, Diff: true } });
    // What a plan finds of the file itself is Nomad's: of a scaling policy it always finds that it has changed.
    const [asMade, asWritten] = [await plan(await parse(made)), await plan(job)];
    expect(asMade.Diff).toEqual(asWritten.Diff);
    expect(asMade.Annotations).toEqual(asWritten.Annotations);
    if (stem !== "scaling") expect(asMade.Diff.Type).toBe("None");
  });
});
