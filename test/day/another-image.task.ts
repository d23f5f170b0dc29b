import { read, type Task } from "./task.ts";

const file = (id: string) => `job "${id}" {
  group "api" {
    task "server" {
      driver = "mock_driver"

      config {
        run_for       = "1h"
        stdout_string = "shop/web:1.4.1"
      }

      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`;

/** The file as the answer shows it, with another tag. */
function changed(answer = ""): string {
  const lines = answer.split("\n").flatMap((line) => /^\s*\| (.*)$/.exec(line)?.[1] ?? []);
  return lines.join("\n").replace("1.4.1", "1.4.2");
}

export const task: Task = {
  asked:
    "Give me web as a file with image tag 1.4.2, show me what that changes, and submit it if nothing else changed.",
  happens: [{ file: (id) => file(id) }, { running: "main" }, { pass: 15 }],
  real: true,
  calls: [
    { tool: "get_job_spec", args: (id) => ({ job_id: id("main"), section: "source" }), says: [/shop\/web:1\.4\.1/] },
    {
      tool: "plan_job",
      args: (_, [source]) => ({ job_file: changed(source) }),
      // One line of the diff, and what binds the submission to it.
      says: [/shop\/web:1\.4\.1"? -> "?shop\/web:1\.4\.2/, /check_index=\d+/],
    },
    {
      tool: "submit_job_file",
      args: (_, [source, plan]) => ({
        job_file: changed(source),
        check_index: Number(read(plan, /check_index=(\d+)/)),
      }),
      says: [/version 1/, /running: 1 of 1 healthy/],
    },
  ],
  most: 3,
};
