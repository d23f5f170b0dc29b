import { endpoint } from "./endpoint.ts";
import { policy } from "./needs.ts";
import { fields, list, text } from "./schema.ts";

export const nodePools = {
  list: endpoint({
    method: "GET",
    path: "/v1/node/pools",
    reply: list(fields({ Name: text })),
    needs: [policy("node_pool", "read")],
    reach: "cluster",
    since: "1.6.0",
  }),
};
