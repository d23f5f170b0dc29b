import type { NomadClient } from "../../nomad-client.ts";
import { type Step, stepText } from "../../text/step.ts";
import { digitsOf } from "./uuid.ts";

type ToolCall = NonNullable<Step["tool"]>;
type Command = NonNullable<Step["command"]>;

/** A tool call as an answer names it, in the namespace of the client. */
export function toolCall({ namespace }: NomadClient, ...tool: ToolCall): string {
  return stepText({ tool, namespace });
}

/** A `nomad` command as an answer names it, in the namespace of the client. `verb`: "job start". */
export function command({ namespace }: NomadClient, ...words: Command): string {
  return stepText({ command: words, namespace });
}

/** The call where the session offers the tool, else the `nomad` command that does the same. */
export function toolOrCommand({ namespace }: NomadClient, tool: ToolCall, words: Command): string {
  return stepText({ tool, command: words, namespace });
}

/** The same of what is in no namespace. */
export function clusterStep(tool: ToolCall, words: Command): string {
  return stepText({ tool, command: words });
}

/** A text that is told where the session offers the tool, else the other one. */
export function ifOffered(tool: string, text: string, otherwise: string): string {
  return stepText({ offered: tool, text, otherwise });
}

/** The kinds of objects that one call shows, each with the tool, the argument that names it, and the command. */
const shown = {
  job: ["get_job_status", "job_id", "job status"],
  allocation: ["get_allocation_status", "allocation_id", "alloc status"],
  deployment: ["get_deployment_status", "deployment_id", "deployment status"],
  evaluation: ["get_evaluation", "evaluation_id", "eval status"],
  node: ["get_node_status", "node", "node status"],
} as const;

/** What an answer can name as an object that is looked at by itself. */
export type ShownNoun = keyof typeof shown;

/** How an object is looked at, by its id in short form or its name: the call, else the `nomad` command. */
export function showStep(nomad: NomadClient, noun: ShownNoun, name: string): string {
  const [tool, argument, verb] = shown[noun];
  if (noun !== "node") return toolOrCommand(nomad, [tool, { [argument]: name }], [verb, name]);
  // A node is of no namespace, and the command takes no names.
  const words: Command = digitsOf(name) === undefined ? [verb, "-filter", `'Name == "${name}"'`] : [verb, name];
  return toolOrCommand(nomad.in(nomad.home), [tool, { [argument]: name }], words);
}
