import { defineToolset } from "../context.ts";
import { createVolume } from "./create-volume.ts";
import { deleteVolume } from "./delete-volume.ts";
import { listVolumes } from "./list-volumes.ts";

export const volumes = defineToolset({
  name: "volumes",
  optIn: true,
  description: "Volumes, and making and deleting dynamic host volumes.",
  tools: [listVolumes, createVolume, deleteVolume],
});
