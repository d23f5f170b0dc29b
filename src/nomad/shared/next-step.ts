import type { NomadClient } from "../../nomad-client.ts";

/**
 * A tool call as an answer names it: `get_job_logs job_id=web namespace=prod`. Namespace and cluster stand there where a
 * call without them would act on others.
 */
export function toolCall(
  nomad: NomadClient,
  tool: string,
  args: Readonly<Record<string, string | number | boolean>>,
): string {
  const elsewhere = {
    ...(nomad.namespace !== nomad.home && { namespace: nomad.namespace }),
    ...(nomad.cluster !== undefined && { cluster: nomad.cluster }),
  };
  const words = Object.entries({ ...args, ...elsewhere }).map(([name, value]) => `${name}=${value}`);
  return [tool, ...words].join(" ");
}

/** A `nomad` command as an answer names it: `nomad job start -namespace prod web`. `verb`: "job start". */
export function command(nomad: NomadClient, verb: string, ...words: readonly string[]): string {
  const elsewhere = [
    ...(nomad.cluster === undefined ? [] : ["-address", nomad.address]),
    ...(nomad.namespace === nomad.home ? [] : ["-namespace", nomad.namespace]),
  ];
  return ["nomad", verb, ...elsewhere, ...words].join(" ");
}

/** The call where this session offers the tool, else the `nomad` command that does the same. */
export function toolOrCommand(
  nomad: NomadClient,
  offers: (tool: string) => boolean,
  [tool, args]: readonly [tool: string, args: Readonly<Record<string, string | number | boolean>>],
  [verb, ...words]: readonly [verb: string, ...words: string[]],
): string {
  return offers(tool) ? toolCall(nomad, tool, args) : command(nomad, verb, ...words);
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
export function showStep(nomad: NomadClient, offers: (tool: string) => boolean, noun: ShownNoun, name: string): string {
  const [tool, argument, verb] = shown[noun];
  // A node is of no namespace.
  const place = noun === "node" ? nomad.in(nomad.home) : nomad;
  return toolOrCommand(place, offers, [tool, { [argument]: name }], [verb, name]);
}
