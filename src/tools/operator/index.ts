import { defineToolset } from "../context.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { setSchedulerConfig } from "./set-scheduler-config.ts";

export const operator = defineToolset({
  name: "operator",
  optIn: true,
  description: "What is set for the whole cluster: the scheduler's settings, and collecting garbage.",
  tools: [setSchedulerConfig, collectGarbage],
});
