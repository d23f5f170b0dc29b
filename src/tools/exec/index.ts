import { defineToolset } from "../context.ts";
import { execInAllocation } from "./exec-in-allocation.ts";
import { runJobAction } from "./run-job-action.ts";
import { signalAllocation } from "./signal-allocation.ts";

export const exec = defineToolset({
  name: "exec",
  optIn: true,
  description: "Reaching into tasks that run: signals, commands, a job's own actions.",
  tools: [signalAllocation, execInAllocation, runJobAction],
});
