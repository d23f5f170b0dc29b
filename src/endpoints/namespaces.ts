import { endpoint } from "./endpoint.ts";
import { may } from "./needs.ts";
import { fields, list, text } from "./schema.ts";

const namespace = fields({ Name: text });

export const namespaces = {
  /** Those that the token sees. */
  list: endpoint({
    method: "GET",
    path: "/v1/namespaces",
    reply: list(namespace),
    needs: [],
    reach: "itself",
  }),
  get: endpoint({
    method: "GET",
    path: "/v1/namespace/:name",
    reply: namespace,
    needs: [may("list-jobs")],
    reach: "itself",
  }),
};
