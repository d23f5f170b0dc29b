import { expect, test } from "vitest";
import { judgeStray } from "../../src/mcp/stray.ts";

// Arguments that a tool does not have: which the call goes on without, of a tool that reads and of one that changes.

const names = ["job_id", "group", "task", "count", "limit", "wait_seconds", "namespace"];

test.each<[key: string, read: string, change: string]>([
  // Hosts add these by themselves.
  ["toolCallId", "unread", "unread"],
  ["tool_call_id", "unread", "unread"],
  ["sessionId", "unread", "unread"],
  ["session_id", "unread", "unread"],
  ["chatInput", "unread", "unread"],
  ["task_progress", "unread", "unread"],
  ["random_string", "unread", "unread"],
  ["_meta", "unread", "unread"],
  ["progressToken", "unread", "unread"],
  // Models add these; of a change nothing is passed over.
  ["explanation", "unread", "refused"],
  ["reasoning", "unread", "refused"],
  ["action", "unread", "refused"],
  ["constructor", "unread", "refused"],
  ["", "unread", "refused"],
  // Near misses.
  ["jobId", "job_id", "job_id"],
  ["job", "job_id", "job_id"],
  ["id", "job_id", "job_id"],
  ["jobid", "job_id", "job_id"],
  ["job-id", "job_id", "job_id"],
  ["jbo_id", "job_id", "job_id"],
  ["task_name", "task", "task"],
  ["groups", "group", "group"],
  ["wait", "wait_seconds", "wait_seconds"],
  ["waitSeconds", "wait_seconds", "wait_seconds"],
  ["name_space", "namespace", "namespace"],
  ["Namespace", "namespace", "namespace"],
  ["max_count", "count", "count"],
  ["counts", "count", "count"],
  // Limits: without them more would happen, or be told, than was asked for.
  ["dry_run", "refused", "refused"],
  ["dryRun", "refused", "refused"],
  ["force", "refused", "refused"],
  ["max_unavailable", "refused", "refused"],
  ["only_failed", "refused", "refused"],
  ["onlyIfHealthy", "refused", "refused"],
  ["skip_confirm", "refused", "refused"],
  ["region", "refused", "refused"],
  ["node_id", "refused", "refused"],
  ["service", "refused", "refused"],
  ["ns", "refused", "refused"],
  ["cluster", "refused", "refused"],
  ["check_index", "refused", "refused"],
  ["no_shutdown_delay", "refused", "refused"],
  // No name of an argument is so long.
  ["x".repeat(65), "refused", "refused"],
])("%s: %s, %s", (key, read, change) => {
  const told = (reads: boolean) => {
    const { unread, near } = judgeStray(key, names, reads);
    return unread ? "unread" : (near ?? "refused");
  };
  expect([told(true), told(false)]).toEqual([read, change]);
});
