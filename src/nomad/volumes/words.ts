import type { NodeStub } from "../../endpoints/nodes.ts";
import type { VolumeStub } from "../../endpoints/volumes.ts";

/** What is said of a dynamic host volume's state, and whether a job can have it. */
export interface VolumeState {
  readonly text: string;
  readonly available: boolean;
}

/**
 * The state of a dynamic host volume, joined with that of its node: of one whose node is down or gone Nomad says "ready" for
 * ever. `node`: undefined where the cluster has none of its id, null where that could not be read.
 */
export function volumeState(
  { ID, Name, State }: Pick<VolumeStub, "ID" | "Name" | "State">,
  node: NodeStub | undefined | null,
): VolumeState {
  const away = (text: string) => ({ text, available: false });
  if (node === undefined) return away("not available: its node is gone");
  if (node !== null && node.Status !== "ready") return away(`not available: ${node.Name} is ${node.Status}`);
  if (State !== "ready") return away(State ?? "of unknown state");
  const here = node?.HostVolumes?.[Name];
  if (here !== undefined && here.ID !== ID) {
    return away(`not what jobs get: ${node?.Name} has another of that name`);
  }
  return { text: "ready", available: true };
}

/** The static host volumes of a node, those of its client's configuration. */
export function staticVolumes({ HostVolumes }: NodeStub): { readonly name: string; readonly readOnly: boolean }[] {
  return Object.entries(HostVolumes ?? {}).flatMap(([name, { ID, ReadOnly }]) =>
    ID ? [] : [{ name, readOnly: ReadOnly }],
  );
}
