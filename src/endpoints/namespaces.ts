import { endpoint } from "./endpoint.ts";
import { may } from "./needs.ts";
import { fields, type Infer, list, maybe, optional, text, texts } from "./schema.ts";

const namespace = fields({
  Name: text,
  Description: optional(text),
  /** Name of its quota, which only Nomad Enterprise has; empty for none. */
  Quota: optional(text),
  /** What its jobs may use: where a list of enabled ones is not empty nothing else, and in no case what is disabled. */
  Capabilities: optional(
    maybe(
      fields({
        EnabledTaskDrivers: texts,
        DisabledTaskDrivers: texts,
        EnabledNetworkModes: texts,
        DisabledNetworkModes: texts,
      }),
    ),
  ),
});

export type Namespace = Infer<typeof namespace>;

export const namespaces = {
  /** Those that the token sees, all at once: Nomad has no pages for them. */
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
