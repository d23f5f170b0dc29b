import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { Allocation } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { short } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { outside, rootFolders } from "./path.ts";

/** What reads something at a path of an allocation. @throws Refusal where it is not there, leads out, or was deleted. */
export async function orNoFile<T>(
  nomad: NomadClient,
  allocation: Allocation,
  path: string,
  read: Promise<T>,
): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const { ID, NodeName } = allocation;
    if (!(error instanceof NomadError)) throw error;
    if (/Path escapes the alloc directory/.test(error.reply)) throw new Refusal(outside(path));
    if (/not a directory/.test(error.reply)) {
      throw new Refusal(`${path} of ${short(ID)} is a file, no folder.\nNext: ${readStep(nomad, allocation, path)}`);
    }
    if (!/no such file or directory/.test(error.reply)) throw error;
    // The folder of the allocation itself is gone, not one in it.
    if (path === "/" || error.reply.includes(`${ID}: `)) {
      throw new Refusal(`Node ${NodeName} has deleted the files of ${short(ID)}: Nomad does so with what has ended.`);
    }
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    throw new Refusal(
      `${short(ID)} has no ${path}. At its root there is ${rootFolders(allocation)}.\nNext: ${listStep(nomad, allocation, parent)}`,
    );
  }
}

/** How a folder is listed. */
export function listStep(nomad: NomadClient, { ID }: Allocation, folder: string): string {
  const call = ["list_allocation_files", { allocation_id: short(ID), folder }] as const;
  return toolOrCommand(nomad, call, ["alloc fs", short(ID), folder]);
}

/** How a file is read; `more`: from where. */
export function readStep(nomad: NomadClient, { ID }: Allocation, file: string, more: object = {}): string {
  const call = ["read_allocation_file", { allocation_id: short(ID), file, ...more }] as const;
  return toolOrCommand(nomad, call, ["alloc fs", short(ID), file]);
}
