import { defineToolset } from "../context.ts";
import { execInAllocation } from "./exec-in-allocation.ts";
import { signalAllocation } from "./signal-allocation.ts";

export const exec = defineToolset({
  name: "exec",
  optIn: true,
  description: "Reaching into tasks that run: signals, commands.",
  tools: [signalAllocation, execInAllocation],
});
