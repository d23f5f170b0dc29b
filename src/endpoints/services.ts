import { endpoint } from "./endpoint.ts";
import { readJob } from "./needs.ts";
import { fields, type Infer, id, list, number, text } from "./schema.ts";

/** One allocation that offers a service of Nomad's own provider. */
const registration = fields({
  ID: id,
  ServiceName: text,
  Namespace: text,
  JobID: text,
  AllocID: text,
  Address: text,
  /** 0 for a service without a port. */
  Port: number,
});

export type Registration = Infer<typeof registration>;

export const services = {
  /** Empty for a service that there is not, and for one in Consul. Nothing is said of health. */
  registrations: endpoint({
    method: "GET",
    path: "/v1/service/:service_name",
    reply: list(registration),
    needs: [readJob],
    reach: "namespace",
    since: "1.3.0",
  }),
};
