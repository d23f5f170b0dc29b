import { expect } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { DesiredUpdates } from "../../src/endpoints/metric.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import {
  failing,
  failingAtOnce,
  neverRescheduled,
  noDeployment,
  noRestart,
  nowhere,
  onceRescheduled,
  quickDeployment,
  rescheduledLater,
} from "./support/jobs.ts";

/** What the scheduler planned for the group, without what it planned none of. */
function planned({ PlanAnnotations }: Evaluation): Partial<DesiredUpdates> {
  const { api = {} } = PlanAnnotations?.DesiredTGUpdates ?? {};
  return Object.fromEntries(Object.entries(api).filter(([, count]) => count !== 0));
}

/** nomad-observed.md §4: what a forced evaluation does to a job, without and with ForceReschedule. */
contract("a forced evaluation", (test) => {
  test("of a blocked job fails to place it again, with a new blocked evaluation", async ({ nomad }) => {
    const job = nomad.id("blocked");
    let blocked = (await nomad.submit(mockJob(job, {}, nowhere))).BlockedEval;
    for (const reschedule of [false, true]) {
      const evaluation = await nomad.force(job, reschedule);
      expect(evaluation).toMatchObject({ TriggeredBy: "job-register", Status: "complete", JobID: job });
      expect(planned(evaluation)).toEqual({ Place: 1 });
      expect(evaluation.FailedTGAllocs).toHaveProperty("api");
      expect(evaluation.BlockedEval).toMatch(/^[0-9a-f-]{36}$/);
      expect(evaluation.BlockedEval).not.toBe(blocked);
      blocked = evaluation.BlockedEval;
    }
  });

  test("of a job that runs does nothing", async ({ nomad }) => {
    const job = nomad.id("healthy");
    await nomad.submit(mockJob(job, {}, quickDeployment));
    await nomad.deployment(job, "successful");
    for (const reschedule of [false, true]) expect(planned(await nomad.force(job, reschedule))).toEqual({ Ignore: 1 });
  });

  test("of a stopped job plans nothing", async ({ nomad }) => {
    const job = nomad.id("stopped");
    await nomad.submit(mockJob(job, {}, noDeployment));
    await nomad.stop(job);
    await nomad.allocation(job, "complete");
    for (const reschedule of [false, true]) expect(planned(await nomad.force(job, reschedule))).toEqual({});
  });

  test("places what has used up its attempts only with ForceReschedule", async ({ nomad }) => {
    const job = nomad.id("used-up");
    await nomad.submit(mockJob(job, failing, { ...noRestart, ...noDeployment, ...onceRescheduled }));
    await nomad.allocations(job, (all) => all.length === 2 && all.every((one) => one.ClientStatus === "failed"));
    expect(planned(await nomad.force(job, false))).toEqual({ Ignore: 1 });
    expect(planned(await nomad.force(job, true))).toEqual({ Place: 1, Stop: 1 });
    const [third] = (await nomad.allocations(job, (all) => all.length === 3)).slice(-1);
    expect(third).toMatchObject({ DesiredStatus: "run" });
  });

  test("places what waits for its delay only with ForceReschedule", async ({ nomad }) => {
    const job = nomad.id("delayed");
    await nomad.submit(mockJob(job, failing, { ...noRestart, ...noDeployment, ...rescheduledLater }));
    const [failed] = await nomad.allocations(job, ([one]) => Boolean(one?.FollowupEvalID));
    const followup = await nomad.get<Evaluation>(`/v1/evaluation/${failed?.FollowupEvalID}`);
    expect(followup).toMatchObject({ Status: "pending", TriggeredBy: "alloc-reschedule" });
    expect(Date.parse(followup.WaitUntil ?? "")).not.toBeNaN();
    expect(planned(await nomad.force(job, false))).toEqual({ Ignore: 1 });
    expect(planned(await nomad.force(job, true))).toEqual({ Place: 1, Stop: 1 });
  });

  test("places nothing where rescheduling is off", async ({ nomad }) => {
    const job = nomad.id("no-reschedule");
    await nomad.submit(mockJob(job, failing, { ...noRestart, ...noDeployment, ...neverRescheduled }));
    await nomad.allocation(job, "failed");
    for (const reschedule of [false, true]) expect(planned(await nomad.force(job, reschedule))).toEqual({ Ignore: 1 });
  });

  test("places nothing after a failed deployment", async ({ nomad }) => {
    const job = nomad.id("undeployed");
    await nomad.submit(mockJob(job, failingAtOnce, { ...noRestart, ...quickDeployment, ...onceRescheduled }));
    await nomad.deployment(job, "failed");
    for (const reschedule of [false, true]) {
      const evaluation = await nomad.force(job, reschedule);
      expect(planned(evaluation)).toEqual(reschedule ? {} : { Ignore: 1 });
      expect(evaluation.FailedTGAllocs ?? {}).toEqual({});
    }
  });

  test("places a failed system job again", async ({ nomad }) => {
    const job = nomad.id("system");
    const { Datacenters } = await nomad.oneNode();
    await nomad.submit(mockJob(job, failing, noRestart, { Type: "system", Datacenters }));
    await nomad.allocation(job, "failed");
    expect(planned(await nomad.force(job, true))).toMatchObject({ Place: 1 });
  });

  test("is refused for periodic and parameterized jobs", async ({ nomad }) => {
    const batch = { Type: "batch" };
    const periodic = { ...batch, Periodic: { Enabled: true, SpecType: "cron", Spec: "0 0 1 1 *" } };
    for (const [kind, more] of Object.entries({ periodic, parameterized: { ...batch, ParameterizedJob: {} } })) {
      const job = nomad.id(kind);
      expect((await nomad.register(mockJob(job, {}, {}, more))).EvalID).toBe("");
      const { status, text } = await nomad.send("POST", `/v1/job/${job}/evaluate`, { body: { JobID: job } });
      expect([status, text]).toEqual([500, `can't evaluate ${kind} job`]);
    }
  });
});
