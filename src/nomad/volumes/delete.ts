import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { volumes } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { plural, short, some } from "../../text/words.ts";
import { orMissing } from "../jobs/find.ts";
import { unchanged } from "../shared/exact-id.ts";
import { showStep, toolOrCommand } from "../shared/next-step.ts";
import { sendOnce } from "../shared/send-once.ts";
import type { FoundVolume } from "./find.ts";
import { placed } from "./plan.ts";
import { listStep } from "./steps.ts";

const mostNamed = 4;

/** How a volume is deleted: by its plugin, with what is in it; or the servers only forget it, and its directory stays. */
export type Deletion = "deletes" | "unregisters" | "forgets";

/**
 * What a deletion of a volume comes to, as it is now.
 *
 * @throws Refusal where allocations use it, which Nomad refuses, and where its node cannot be reached, unless it is to be
 * forgotten.
 */
export function deletionOf(nomad: NomadClient, { volume, node }: FoundVolume, force: boolean): Deletion {
  const users = volume.Allocations ?? [];
  const where = placed(volume, node?.Name ?? short(volume.NodeID));
  const [first] = users;
  if (first !== undefined) {
    const jobs = [...new Set(users.map(({ JobID }) => JobID))];
    const ids = users.map(({ ID }) => short(ID));
    const stop = toolOrCommand(
      nomad.in(first.Namespace),
      ["stop_job", { job_id: first.JobID }],
      ["job stop", first.JobID],
    );
    throw new Refusal(
      `${where} is used by ${plural(users.length, "allocation")} (${some(ids, mostNamed)}) of ${some(jobs, mostNamed)}, and is not deleted until they have ended. ${unchanged}\nNext: ${stop}`,
    );
  }
  if (node === null || node?.Status === "ready") return volume.PluginID === "" ? "unregisters" : "deletes";
  if (force) return "forgets";
  const away = node === undefined ? "its node is gone" : `${node.Name} is ${node.Status}`;
  const back = node === undefined ? "" : `bring the node back (${showStep(nomad, "node", node.Name)}), or `;
  throw new Refusal(
    `${where} cannot be deleted: ${away}, and its client would have to do it. ${unchanged}\nNext: ${back}where the node never returns, force=true has the servers forget the volume`,
  );
}

/** Deletes a volume, once, and looks whether it is gone. @throws Refusal where it is not, or where the answer is lost. */
export async function deleteVolume(nomad: NomadClient, { volume, node }: FoundVolume, how: Deletion): Promise<void> {
  const args = { volume_id: volume.ID };
  const look = async () => await orMissing(nomad.get(volumes.host, args));
  const where = placed(volume, node?.Name ?? short(volume.NodeID));
  try {
    await sendOnce(
      async () => await nomad.write(volumes.delete, { ...args, ...(how === "forgets" && { force: true }) }),
      async () => `${where} is ${(await look()) === undefined ? "gone" : "still there"}`,
      listStep(nomad, volume.Name),
    );
  } catch (error) {
    if (!(error instanceof NomadError) || !/in use by allocations/.test(error.reply ?? "")) throw error;
    throw new Refusal(
      `${where} is used again since it was looked at. ${unchanged}\nNext: ${listStep(nomad, volume.Name)}`,
    );
  }
  if ((await look()) === undefined) return;
  throw new Refusal(`Nomad took the deletion, but ${where} is still there.\nNext: ${listStep(nomad, volume.Name)}`);
}
