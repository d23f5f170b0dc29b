import type { Uses } from "../client/programs.ts";
import { HttpError } from "../errors.ts";
import { MS } from "../gotime.ts";
import type { Reply } from "../http.ts";
import type { Allocation } from "../state/types.ts";
import type { World } from "../world.ts";

/** What the mock driver says of the memory of a task: a random number. */
const MADE_UP = 2.9e18;
const SHARES_OF_CORE = 2000;

const memory = (RSS: number, Measured: string[] | null) => ({
  Cache: 0,
  KernelMaxUsage: 0,
  KernelUsage: 0,
  MappedFile: 0,
  MaxUsage: 0,
  Measured,
  RSS,
  Swap: 0,
  Usage: 0,
});

const cpu = (TotalTicks: number, Measured: string[] | null) => ({
  Measured,
  Percent: (TotalTicks / SHARES_OF_CORE) * 100,
  SystemMode: 0,
  ThrottledPeriods: 0,
  ThrottledTime: 0,
  TotalTicks,
  UserMode: (TotalTicks / SHARES_OF_CORE) * 100,
});

function usage(uses: Uses | undefined) {
  if (uses === undefined) return { CpuStats: null, DeviceStats: null, MemoryStats: memory(MADE_UP, ["RSS"]) };
  return {
    CpuStats: cpu(uses.cpuMhz, ["System Mode", "User Mode", "Percent"]),
    DeviceStats: null,
    MemoryStats: memory(uses.memoryMb * 1024 ** 2, ["RSS", "Swap"]),
  };
}

/** /v1/client/allocation/:id/stats, of a client that collects them. A task that has ended keeps its last figures. */
export function stats({ store, clients }: World, alloc: Allocation): Reply {
  const runner = clients.runner(alloc.ID);
  if (!runner) throw new HttpError(404, `Unknown allocation "${alloc.ID}"`);
  const now = store.stamp();
  const started = [...runner.tasks].filter(([, { state }]) => state.StartedAt !== null);
  const running = started.filter(([, { state }]) => state.State === "running");
  const Tasks = Object.fromEntries(
    started.map(([name, { state, uses }]) => {
      const at = state.State === "running" ? now : Date.parse(state.FinishedAt ?? "") * MS || now;
      return [name, { Pids: null, ResourceUsage: usage(uses), Timestamp: at }];
    }),
  );
  const sum = (figure: keyof Uses) => running.reduce((total, [, { uses }]) => total + (uses?.[figure] ?? 0), 0);
  const ResourceUsage = {
    CpuStats: cpu(sum("cpuMhz"), running.length > 0 ? ["System Mode", "User Mode", "Percent"] : null),
    DeviceStats: [],
    MemoryStats: memory(sum("memoryMb") * 1024 ** 2, running.length > 0 ? ["RSS", "Swap"] : null),
  };
  return { json: { ResourceUsage, Tasks, Timestamp: running.length > 0 ? now : 0 } };
}
