import type { JobStub } from "../../src/endpoints/jobs.ts";
import { type DemoSession, mockJob } from "./demo-session.ts";

/** A batch job that is launched by dispatch; its runs end well after two seconds, unless `config` says otherwise. */
export function parameterized(id: string, block: object, config: object = {}) {
  const task = { run_for: "2s", stdout_string: "done\n", ...config };
  return mockJob(id, task, once, { Type: "batch", ParameterizedJob: block });
}

/** A batch job that is launched every night at three. */
export function periodic(id: string, block: object = {}, config: object = {}) {
  const Periodic = { Enabled: true, SpecType: "cron", Specs: ["0 3 * * *"], ...block };
  return mockJob(id, { run_for: "2s", stdout_string: "done\n", ...config }, once, { Type: "batch", Periodic });
}

/** Fails after a second, and says why. */
export const failing = { run_for: "1s", exit_code: 3, stderr_string: "FATAL: no such order\n" };

/** What fails is started nowhere again. */
const once = {
  RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" },
  ReschedulePolicy: { Attempts: 0, Unlimited: false },
};

/** The children of a job, oldest first. */
export async function children({ nomad }: DemoSession, id: string): Promise<JobStub[]> {
  return await nomad<JobStub[]>("GET", `/v1/jobs?prefix=${encodeURIComponent(`${id}/`)}`);
}

/** An answer without what differs from run to run: the time and the random part of a child's id, ages, ids. */
export function named(text: string): string {
  return text
    .replaceAll(/\/(dispatch|periodic)-\d+(-[0-9a-f]{8})?/g, "/$1-<run>")
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")
    .replaceAll(/ in (\d+[dhms])+ \(\d{4}-[^)]+\)/g, " in <span> (<time>)");
}
