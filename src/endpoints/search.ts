import { endpoint } from "./endpoint.ts";
import { readJob } from "./needs.ts";
import { fields, flag, list, map, maybe, optional, text, texts } from "./schema.ts";

const truncations = maybe(map(flag));
const match = fields({ ID: text, Scope: optional(texts) });

export const search = {
  /** What begins so, by kind. */
  prefix: endpoint({
    method: "POST",
    path: "/v1/search",
    reply: fields({ Matches: maybe(map(texts)), Truncations: truncations }),
    needs: [readJob],
    reach: "namespace",
    asks: true,
  }),
  /** What holds it, by kind; `Scope` is where it was found, from the outside in. */
  fuzzy: endpoint({
    method: "POST",
    path: "/v1/search/fuzzy",
    reply: fields({ Matches: maybe(map(maybe(list(match)))), Truncations: truncations }),
    needs: [readJob],
    reach: "namespace",
    asks: true,
    since: "1.1.0",
  }),
};
