import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "the kernel kills a container for want of memory",
  happens: [
    {
      submit: mock(
        {},
        {
          ...noDeployment,
          ...restarted,
          Tasks: [
            { Name: "hog", Driver: "docker", Config: { image: "shop/hog:1" }, Resources: { CPU: 50, MemoryMB: 64 } },
          ],
        },
      ),
    },
    { pass: 30 },
  ],
  programs: [
    (task) =>
      task.Config?.image === "shop/hog:1"
        ? { runMs: 2_000, exitCode: 137, message: "OOM Killed", oomKilled: true }
        : undefined,
  ],
  first: /crash looping: .*\nWhy: api\[0\] .*task hog was killed because it ran out of memory/,
  never: [/exits with code 137/, /signal/],
  tokens: 260,
  requests: 16,
};
