import * as z from "zod";
import { readClaims } from "../../nomad/volumes/claims.ts";
import { deletionOf, deleteVolume as remove } from "../../nomad/volumes/delete.ts";
import { deletedAnswer, previewDeletion } from "../../nomad/volumes/delete-text.ts";
import { exactVolume } from "../../nomad/volumes/find.ts";
import { readNamers } from "../../nomad/volumes/namers.ts";
import { defineTool } from "../context.ts";

export const deleteVolume = defineTool({
  name: "delete_volume",
  title: "Delete a host volume",
  description:
    "Delete a dynamic host volume that nothing uses, with its data. force: forget one whose node never returns.",
  risk: "destructive",
  needs: ["csi-list-volume", "host-volume-delete", "host-volume-read", "node:read"],
  helps: ["list-jobs"],
  input: { volume: z.string().max(128).describe("Name or id"), force: z.boolean().default(false) },
  async preview({ volume, force }, { nomad, signal }) {
    const named = await exactVolume(nomad, volume);
    const [namers, claims] = await Promise.all([
      readNamers(nomad, named.volume.Name, signal),
      readClaims(nomad, [named.volume]),
    ]);
    // Read last: a change that is sent upon this comes right behind it.
    const found = await exactVolume(nomad, named.volume.ID);
    return previewDeletion(nomad, found, deletionOf(nomad, found, force), { namers, claims });
  },
  async run({ volume, force }, { nomad, signal }) {
    const found = await exactVolume(nomad, volume);
    const how = deletionOf(nomad, found, force);
    const namers = await readNamers(nomad, found.volume.Name, signal);
    await remove(nomad, found, how);
    return deletedAnswer(nomad, found, how, namers);
  },
});
