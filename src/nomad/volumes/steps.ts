import type { NomadClient } from "../../nomad-client.ts";
import { ifOffered, toolCall, toolOrCommand } from "../shared/next-step.ts";

/** What lists the volumes, or those whose name or id begins so: the call, else the command. */
export function listStep(nomad: NomadClient, prefix?: string): string {
  const words = prefix === undefined ? ["-type", "host"] : ["-type", "host", prefix];
  return toolOrCommand(nomad, ["list_volumes", prefix === undefined ? {} : { prefix }], ["volume status", ...words]);
}

/** What a volume is to be made of. `access`: its only access mode, where it is not single-node-writer. */
export interface VolumeToMake {
  readonly name: string;
  readonly node: string;
  readonly access?: string | undefined;
}

/** What makes a dynamic host volume: the call, else `otherwise`, since the command takes a file. */
export function createStep(nomad: NomadClient, { name, node, access }: VolumeToMake, otherwise: string): string {
  const usual = access === undefined || access === "single-node-writer";
  const args = { name, node, ...(!usual && { access_mode: access }) };
  return ifOffered("create_volume", toolCall(nomad, "create_volume", args), otherwise);
}
