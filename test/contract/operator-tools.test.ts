import { expect } from "vitest";
import type { SchedulerConfig } from "../../src/endpoints/operator.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";

contract("what is set and deleted for the whole cluster", (test) => {
  test("one setting of the scheduler is changed, the others stay, and a repeat changes nothing", async ({ nomad }) => {
    const read = async () => (await nomad.get<SchedulerConfig>("/v1/operator/scheduler/configuration")).SchedulerConfig;
    const { ModifyIndex: _, ...before } = (await read()) ?? { ModifyIndex: 0 };
    const was = before.PreemptionConfig?.SysBatchSchedulerEnabled ? "on" : "off";
    const other = was === "on" ? "off" : "on";
    nomad.undo(() => nomad.call("set_scheduler_config", { setting: "preempt_sysbatch", value: was }));
    const set = await nomad.tell("set_scheduler_config", { setting: "preempt_sysbatch", value: other });
    expect(set).toMatch(`preempt_sysbatch of the scheduler set, for the whole cluster: ${was} -> ${other}; `);
    const PreemptionConfig = { ...before.PreemptionConfig, SysBatchSchedulerEnabled: other === "on" };
    expect(await read()).toMatchObject({ ...before, PreemptionConfig });
    expect(await nomad.tell("set_scheduler_config", { setting: "preempt_sysbatch", value: other })).toBe(
      `preempt_sysbatch of the scheduler is ${other} already. Nothing was changed.`,
    );
  });

  test("a job that was stopped is deleted", async ({ nomad }) => {
    const id = nomad.id("garbage");
    await nomad.submit(mockJob(id));
    await nomad.tell("stop_job", { job_id: id });
    expect(await nomad.tell("collect_garbage", {})).toMatch(/^Garbage collected in the whole cluster; /);
    expect((await nomad.send("GET", `/v1/job/${id}`)).status).toBe(404);
  });
});
