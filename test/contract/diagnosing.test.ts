import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { failing, neverRescheduled, noDeployment, noRestart } from "./support/jobs.ts";

// The faults themselves are test/cases.
contract("diagnose_job", (test) => {
  test("a cause, its log, and when it was", async ({ nomad }) => {
    const job_id = nomad.id("diagnosed");
    await nomad.submit(mockJob(job_id, failing, { ...noRestart, ...neverRescheduled, ...noDeployment }));
    await nomad.allocation(job_id, "failed");
    const text = await nomad.tell("diagnose_job", { job_id });
    expect(text).toMatch(/^\S+ \(service, namespace default\): dead: 0 of 1 running/);
    expect(text).toMatch(/^Why: api\[0\] \(\S+ on \S+\): task server exits with code 3; not started again/m);
    expect(text).toMatch(/^ +\| no database$/m);
    // What other tests did to its node in the last hour stands before it.
    const [, node = ""] = /^Why: api\[0\] \(\S+ on (\S+)\)/m.exec(text) ?? [];
    const others = (line: string) => line.includes(`  ${node}: `) || /earlier lines? left out/.test(line);
    const ofJob = text
      .split("\n")
      .filter((line) => !others(line))
      .join("\n");
    expect(ofJob).toMatch(
      /^Last hour \(UTC, now (\d\d:\d\d)\):\n {2}\d\d:\d\d {2}version 0 submitted\n {2}\d\d:\d\d {2}api\[0\]: server exits with code 3$/m,
    );
  });

  test("a job that is well in one line", async ({ nomad }) => {
    const job_id = await nomad.running("well", {}, noDeployment);
    expect(await nomad.tell("diagnose_job", { job_id })).toMatch(
      /^\S+ \(service, namespace default\): running: 1 of 1 \S+, version 0 submitted [^\n]+$/,
    );
  });
});
