import type { Allocation } from "../../../endpoints/allocations.ts";
import type { Task } from "../../../endpoints/job.ts";
import { seal, unseal } from "../../../text/sealed.ts";
import { cutName } from "../../../text/untrusted.ts";
import { bytes, grouped } from "../../../text/words.ts";
import { called } from "../words.ts";

/** A command as a shell would take it. */
export function commandLine(command: readonly string[]): string {
  return command.map((word) => (/^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The same within a sentence, its beginning. */
export const shortCommand = (command: readonly string[]) => cutName(commandLine(command), 80);

/** "task main of api[0] (1a2b3c4d on client-1) of api" */
export function placeOf(allocation: Allocation, { Name }: Pick<Task, "Name">): string {
  return `task ${Name} of ${called(allocation)} of ${allocation.JobID}`;
}

/** So much of an input is shown to a person, in characters. */
const mostOfInput = 1_500;

/** What a person is to know of a command beside itself, as lines of a preview. */
export function commandLines({ Driver }: Task, stdin: string | undefined): (string | false)[] {
  return [
    Driver === "raw_exec" && "  driver: raw_exec, which isolates nothing: the command runs on the node itself",
    stdin !== undefined && inputLines(stdin),
  ];
}

/** As it is, what hides in it included. */
function inputLines(stdin: string): string {
  const shown = stdin.slice(0, mostOfInput).toWellFormed();
  const cut = shown.length < stdin.length ? `, the first ${grouped(mostOfInput)} characters` : "";
  const all = shown.replace(/\n$/, "").split("\n");
  return [
    `  stdin (${bytes(Buffer.byteLength(unseal(stdin)))}${cut}):`,
    ...all.map((line) => `  | ${seal(unseal(line))}`),
  ].join("\n");
}
