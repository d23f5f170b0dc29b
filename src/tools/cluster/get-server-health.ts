import { seeServers } from "../../nomad/cluster/servers/see-servers.ts";
import { serversAnswer } from "../../nomad/cluster/servers/servers-text.ts";
import { defineTool } from "../context.ts";

export const getServerHealth = defineTool({
  name: "get_server_health",
  title: "Server health",
  description:
    "Whether the control plane is well: servers, leader, how many may fail, scheduler configuration, blocked evaluations, keyring, regions.",
  risk: "read",
  needs: [],
  helps: ["management", "node:read", "operator:read", "read-job"],
  input: {},
  async run(_, { nomad, signal }) {
    return serversAnswer(await seeServers(nomad, signal));
  },
});
