import { endpoint } from "./endpoint.ts";
import { policy } from "./needs.ts";
import { fields, type Infer, list, optional, text } from "./schema.ts";

const nodePool = fields({ Name: text, Description: optional(text) });

export type NodePool = Infer<typeof nodePool>;

export const nodePools = {
  /** Those that the token sees. `all` stands for the nodes of every pool. */
  list: endpoint({
    method: "GET",
    path: "/v1/node/pools",
    reply: list(nodePool),
    needs: [policy("node_pool", "read")],
    reach: "cluster",
    since: "1.6.0",
  }),
};
