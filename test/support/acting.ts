import { mockJob } from "./demo-session.ts";

/** A job whose author has given a command a name: `greet`, which says "hello". */
export function acting(id: string, runFor = "1h"): ReturnType<typeof mockJob> {
  const Config = { run_for: runFor, exec_command: { stdout_string: "hello\n" } };
  const Actions = [{ Name: "greet", Command: "echo", Args: ["hello"] }];
  const Resources = { CPU: 20, MemoryMB: 16 };
  return mockJob(id, {}, { Tasks: [{ Name: "server", Driver: "mock_driver", Config, Actions, Resources }] });
}
