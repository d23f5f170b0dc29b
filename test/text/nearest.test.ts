import { expect, test } from "vitest";
import { nearest } from "../../src/text/nearest.ts";

const names = ["list_nomad_jobs", "get_job_status", "stop_job", "start_job", "restart_job"];

test.each([
  ["stop_jobs", "stop_job"],
  ["stat_job", "start_job"],
  ["get_job_state", "get_job_status"],
  ["listnomadjobs", "list_nomad_jobs"],
])("%s is meant as %s", (given, meant) => {
  expect(nearest(given, names)).toBe(meant);
});

test.each(["", "x", "drain_the_node", "x".repeat(1_000_000)])("%.20s is near to none", (given) => {
  expect(nearest(given, names)).toBeUndefined();
});

test("what makes no difference is not counted", () => {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, "");
  expect(nearest("Stop-Job", names, plain)).toBe("stop_job");
  expect(nearest("TaskGroup", ["Tasks", "TaskGroups"], plain)).toBe("TaskGroups");
});
