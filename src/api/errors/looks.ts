import { stepText } from "../../text/step.ts";
import { short } from "../../text/words.ts";

// Steps that what is told of Nomad's errors names: the call where the session offers it, else the command. What they show is
// in no namespace.

export const seeServers = stepText({ tool: ["get_server_health", {}], command: ["server members"] });
export const seeNodes = stepText({ tool: ["list_nodes", {}], command: ["node status"] });
export const seeNamespaces = stepText({ tool: ["list_namespaces", {}], command: ["namespace list"] });
export const seePools = stepText({ tool: ["list_namespaces", {}], command: ["node pool list"] });

/** What ends the drain of the node that a request is about. `path`: of that request. */
export function endDrain(path: string): string {
  const node = short(path.split("/")[3] ?? "");
  return stepText({ tool: ["drain_node", { node, cancel: true }], command: ["node drain", "-disable", node] });
}
