import { parameters } from "../../mcp/parameters.ts";
import { previewRevocation, revocable, revoke } from "../../nomad/acl/revoke.ts";
import { defineTool } from "../context.ts";

export const revokeToken = defineTool({
  name: "revoke_token",
  title: "Revoke a token",
  description:
    "Revoke an ACL token for good, by its accessor id; never the one that this server uses. list_acl shows them.",
  risk: "destructive",
  needs: ["management"],
  input: { accessor_id: parameters.accessor_id },
  async preview({ accessor_id }, { nomad }) {
    return previewRevocation(nomad, await revocable(nomad, accessor_id));
  },
  async run({ accessor_id }, { nomad }) {
    return await revoke(nomad, await revocable(nomad, accessor_id));
  },
});
