import { constants } from "node:os";
import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Allocation } from "../../../endpoints/allocations.ts";
import type { Task } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { span } from "../../../text/time.ts";
import { quoted } from "../../../text/untrusted.ts";
import { bytes, firstLine, lines, plural, short } from "../../../text/words.ts";
import { toolCall } from "../../shared/next-step.ts";
import type { Excerpt, Written } from "./output.ts";
import { mostRead, type Ran } from "./run.ts";
import { placeOf } from "./words.ts";

/** What ran, and where. */
export interface Command {
  /** For the beginning of a sentence: "ps -ef", "action migrate". */
  readonly what: string;
  readonly allocation: Allocation;
  readonly task: Pick<Task, "Name">;
  /** So much of what it wrote is shown, in bytes. */
  readonly budget: number;
}

/** What a command came to, as an answer. */
export function ranAnswer(nomad: NomadClient, command: Command, ran: Ran): Answer {
  const { what, allocation, task } = command;
  const { end, took, stdout, stderr } = ran;
  const exited = typeof end === "object";
  return {
    headline: `${what} ${exited ? `exited with code ${codeWords(end.code)}` : cutWords(end, took)} in ${placeOf(allocation, task)}`,
    sections: outputs(command, ran),
    next: exited ? [] : [lookStep(nomad, command)],
    details: [!exited && 'What may not end: command=["timeout","20",...], where the task has that program.'],
    data: {
      allocation_id: allocation.ID,
      job_id: allocation.JobID,
      namespace: allocation.Namespace,
      task: task.Name,
      ...(exited ? { exit_code: end.code } : { cut: end }),
      stdout_bytes: stdout.size,
      stderr_bytes: stderr.size,
    },
  };
}

/**
 * What is told where the connection was lost before the command had ended: nothing in Nomad tells what became of it.
 *
 * @throws Refusal that it may have happened, with what came until then; other errors as they are.
 */
export function toldLost(
  nomad: NomadClient,
  command: Command,
  ran: Pick<Ran, "stdout" | "stderr">,
  error: unknown,
): never {
  if (!(error instanceof NomadError) || error.kind === "cancelled" || !error.mayHaveHappened) throw error;
  throw new Refusal(
    lines(
      firstLine(explain(error)),
      "Nomad keeps no trace of a command, and it may run on: look at what it was to do before it is repeated.",
      ...(ran.stdout.size + ran.stderr.size > 0 ? ["Until then:", ...outputs(command, ran)] : []),
      `Next: ${lookStep(nomad, command)}`,
    ),
  );
}

function lookStep(nomad: NomadClient, { allocation, task }: Command): string {
  const args = { allocation_id: short(allocation.ID), task: task.Name, command: '["ps"]' };
  return `${toolCall(nomad, "exec_in_allocation", args)} says whether it still runs, and ["kill","PID"] ends it`;
}

function cutWords(end: "time" | "size", took: number): string {
  const after = span(took);
  return end === "time"
    ? `had not ended after ${after}: the connection was cut, and the command runs on`
    : `had written ${bytes(mostRead)} after ${after}: the connection was cut, and the command runs on or is stuck`;
}

function codeWords(code: number): string {
  if (code === 127) return "127 (there is no such command)";
  const signal = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  return signal === undefined ? String(code) : `${code} (${signal})`;
}

/** What a command wrote, as sections of an answer. */
function outputs({ budget }: Command, { stdout, stderr }: Pick<Ran, "stdout" | "stderr">): string[] {
  const streams = [
    ["stdout", stdout],
    ["stderr", stderr],
  ] as const;
  const written = streams.filter(([, { size }]) => size > 0);
  if (written.length === 0) return ["It wrote nothing."];
  // What one stream does not need, the other may have.
  const [half, least] = [Math.floor(budget / 2), Math.min(...written.map(([, { size }]) => size))];
  const share = written.length === 1 ? budget : Math.max(half, budget - least);
  let labelled = false;
  return written.map(([name, stream]) => {
    const excerpt = stream.shown(stream.size <= half ? half : share);
    if (excerpt === undefined) return `\n${name}: ${bytes(stream.size)} that are no text, and are not shown`;
    const label = labelled ? "" : " (output of the workload)";
    labelled = true;
    return `\n${name}, ${sizeOf(stream, excerpt)}${label}:\n${excerptText(excerpt)}`;
  });
}

function sizeOf({ size }: Written, { start, left }: Excerpt): string {
  if (left > 0) return `the beginning and the end of ${bytes(size)}`;
  const count = start.replace(/\n$/, "").split("\n").length;
  return plural(count, "line");
}

function excerptText({ start, left, end }: Excerpt): string {
  if (left === 0) return quoted(start);
  return lines(quoted(start), `(${bytes(left)} left out)`, end !== "" && quoted(end));
}
