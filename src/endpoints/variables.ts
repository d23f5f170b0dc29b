import { endpoint } from "./endpoint.ts";
import { variables as may } from "./needs.ts";
import { fields, type Infer, id, indexes, list, map, maybe, optional, text, times } from "./schema.ts";

const stub = fields({ Path: id, Namespace: text, ...indexes, ...times });
const variable = fields({
  ...stub.fields,
  /** Hidden from those who may only list it, and from a change that a lock refuses. */
  Items: maybe(map(text)),
  Lock: optional(maybe(fields({ ID: text, TTL: text, LockDelay: text }))),
});

export type VariableStub = Infer<typeof stub>;
export type Variable = Infer<typeof variable>;

const one = {
  path: "/v1/var/:path",
  reach: "namespace",
  since: "1.4.0",
  secret: { Items: "data" },
  shows: "var get :path",
} as const;

export const variables = {
  /** Without what is in them; a filter sees no namespace there, so only the rows say which one they are in. */
  list: endpoint({
    method: "GET",
    path: "/v1/vars",
    reply: list(stub),
    needs: [may("list")],
    reach: "namespaces by rows",
    since: "1.4.0",
  }),
  get: endpoint({ ...one, method: "GET", reply: variable, needs: [may("read")] }),
  /** With `cas` in the query only where it is still at that index. */
  put: endpoint({ ...one, method: "PUT", reply: variable, needs: [may("write")] }),
  delete: endpoint({ ...one, method: "DELETE", reply: maybe(map("anything")), needs: [may("destroy")] }),
};
