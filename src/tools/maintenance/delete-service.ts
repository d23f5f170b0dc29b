import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { deleteLeftover, findLeftover, previewLeftover } from "../../nomad/services/leftover.ts";
import { defineTool } from "../context.ts";

export const deleteService = defineTool({
  name: "delete_service",
  title: "Delete a leftover service",
  description: "Delete a registration of a service of Nomad's own provider whose allocation is dead or gone.",
  risk: "destructive",
  needs: ["read-job", "submit-job|delete-service-registration"],
  input: { service: z.string().max(512), allocation_id: parameters.allocation_id.optional() },
  async preview({ service, allocation_id }, { nomad }) {
    return previewLeftover(nomad, await findLeftover(nomad, service, allocation_id));
  },
  async run({ service, allocation_id }, { nomad }) {
    return await deleteLeftover(nomad, await findLeftover(nomad, service, allocation_id));
  },
});
