import { expect, test } from "vitest";
import type { AllocationStub } from "../../../../src/endpoints/allocations.ts";
import { asksFarMore, idleMb, isClose, usageRows } from "../../../../src/nomad/jobs/usage/rows.ts";
import { recorded } from "../../../support/recorded.ts";

const { body } = recorded<AllocationStub>("web/allocation.json");

/** The row of a group of `running` whose only task asks for `asked` MB, may take `most`, and used `peak`. */
function row(asked: number, peak: number, { running = 1, most = 0 } = {}) {
  const task = { Cpu: { CpuShares: 100 }, Memory: { MemoryMB: asked, MemoryMaxMB: most }, Networks: null };
  const taken = [{ ...body, AllocatedResources: { Tasks: { server: task }, Shared: null } }];
  const usage = { cpuMhz: 10, memoryMb: peak, mostMemoryMb: undefined };
  const measured = { looks: 1, seconds: 0, silent: [], unreached: [] };
  const peaks = new Map([[body.ID, new Map([["server", usage]])]]);
  const [only] = usageRows([{ job: "web", namespace: "default", group: "api", running, taken }], {
    ...measured,
    peaks,
  });
  if (only === undefined) throw new Error("no row");
  return only;
}

test.each([
  [row(512, 100), true, 412],
  [row(512, 257), false, 255],
  // Twice as much as it uses, and nobody would miss it; of ten of them, somebody does.
  [row(32, 8), false, 24],
  [row(32, 8, { running: 10 }), true, 240],
  // Where it may take more than it asks for, it may use more, too.
  [row(128, 200, { most: 512 }), false, 0],
])("far more than it uses: %#", (each, far, idle) => {
  expect([asksFarMore(each), idleMb(each)]).toEqual([far, idle]);
});

test.each([
  [row(128, 120), true],
  [row(128, 120, { most: 512 }), false],
  [row(128, 500, { most: 512 }), true],
])("close to what it may take: %#", (each, close) => {
  expect(isClose(each)).toBe(close);
});
