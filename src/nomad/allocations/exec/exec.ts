import { type Allocation, allocations } from "../../../endpoints/allocations.ts";
import type { Task } from "../../../endpoints/job.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { seal, unseal } from "../../../text/sealed.ts";
import { ranAnswer, toldLost } from "./exec-text.ts";
import { Written } from "./output.ts";
import { runIn } from "./run.ts";
import { shortCommand } from "./words.ts";

/** A command that somebody gives. */
export interface GivenCommand {
  readonly command: readonly string[];
  readonly stdin: string | undefined;
  /** Until when its end is waited for: ms, by this machine's clock. */
  readonly until: number;
  /** So much of what it writes is told, in bytes. */
  readonly budget: number;
}

/**
 * Runs a command in a task that runs, once, and tells what it wrote and how it ended.
 *
 * @throws Refusal where the connection is lost: that it may have happened.
 */
export async function execIn(
  nomad: NomadClient,
  allocation: Allocation,
  task: Task,
  { command, stdin, until, budget }: GivenCommand,
): Promise<Answer> {
  const told = { what: shortCommand(command), allocation, task, budget };
  const written = { stdout: new Written(), stderr: new Written() };
  // Sealed whole: what stands for a character in it would be none in JSON.
  const sent = seal(JSON.stringify(command.map(unseal)));
  const args = { allocation_id: allocation.ID, task: task.Name, command: sent, tty: false };
  try {
    return ranAnswer(nomad, told, await runIn(nomad, allocations.exec, args, { stdin, until }, written));
  } catch (error) {
    return toldLost(nomad, told, written, error);
  }
}
