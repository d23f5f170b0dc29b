import { defineToolset } from "../context.ts";
import { deleteService } from "./delete-service.ts";
import { purgeNode } from "./purge-node.ts";
import { setNodeMeta } from "./set-node-meta.ts";

export const maintenance = defineToolset({
  name: "maintenance",
  optIn: true,
  description: "What keeps a cluster in order: metadata of nodes, and having the servers forget what is gone.",
  tools: [setNodeMeta, purgeNode, deleteService],
});
