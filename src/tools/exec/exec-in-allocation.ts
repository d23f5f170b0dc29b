import * as z from "zod";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { exactAllocation } from "../../nomad/allocations/allocation.ts";
import { execIn } from "../../nomad/allocations/exec/exec.ts";
import { mostShown } from "../../nomad/allocations/exec/output.ts";
import { runningTask } from "../../nomad/allocations/exec/task.ts";
import { commandLine, commandLines, placeOf } from "../../nomad/allocations/exec/words.ts";
import { previewAllocation } from "../../nomad/allocations/preview.ts";
import { defineTool } from "../context.ts";

export const execInAllocation = defineTool({
  name: "exec_in_allocation",
  title: "Run a command in a task",
  description:
    'Run a command in a task that runs; tells its output and exit code. For what no other tool shows. A shell line: ["sh","-c","..."].',
  risk: "destructive",
  needs: ["alloc-exec", "alloc-node-exec", "read-job"],
  openWorld: true,
  traceless: true,
  plain: ["allocation_id", "task", "command", "wait_seconds", "max_output"],
  input: {
    allocation_id: parameters.allocation_id,
    command: z.array(z.string().max(16_384)).min(1).max(100),
    task: z.string().max(128).optional(),
    stdin: z.string().max(65_536).register(blocks, {}).optional(),
    wait_seconds: z.int().min(0).max(45).default(20),
    max_output: z.int().min(500).max(mostShown).default(8_000).describe("Bytes"),
  },
  async preview({ allocation_id, command, task: asked, stdin, namespace }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const task = runningTask(nomad, allocation, asked);
    const what = `Run in ${placeOf(allocation, task)}: ${commandLine(command)}`;
    return previewAllocation(nomad, allocation, what, ...commandLines(task, stdin));
  },
  async run({ allocation_id, command, task: asked, stdin, namespace, wait_seconds, max_output }, call) {
    const { nomad, allocation } = await exactAllocation(call.nomad, allocation_id, namespace);
    const task = runningTask(nomad, allocation, asked);
    const until = call.started + wait_seconds * 1000;
    return await execIn(nomad, allocation, task, { command, stdin, until, budget: max_output });
  },
});
