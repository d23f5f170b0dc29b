import { endpoint } from "./endpoint.ts";
import { may, readJob } from "./needs.ts";
import { fields, type Infer, id, list, maybe, number, text, texts } from "./schema.ts";

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

/** What is offered in one namespace, by name. */
const named = fields({ Namespace: text, Services: maybe(list(fields({ ServiceName: id, Tags: texts }))) });

export const services = {
  /** All names that the namespaces have, whatever a filter or the number of a page says: about 50 bytes each. */
  list: endpoint({
    method: "GET",
    path: "/v1/services",
    reply: list(named),
    needs: [readJob],
    reach: "namespaces by rows",
    since: "1.3.0",
  }),
  /** Of all instances of a job, 0.3 KB each: it has no pages. */
  ofJob: endpoint({
    method: "GET",
    path: "/v1/job/:job_id/services",
    reply: list(registration),
    needs: [readJob],
    reach: "namespace",
  }),
  /** Empty for a service that there is not, and for one in Consul. Nothing is said of health. */
  registrations: endpoint({
    method: "GET",
    path: "/v1/service/:service_name",
    reply: list(registration),
    needs: [readJob],
    reach: "namespace",
    since: "1.3.0",
  }),
  /** By its id, whatever the name in the path says. One whose allocation runs is not registered again by its client. */
  delete: endpoint({
    method: "DELETE",
    path: "/v1/service/:service_name/:service_id",
    reply: "bytes",
    needs: [may("submit-job", "delete-service-registration")],
    reach: "namespace",
    since: "1.3.0",
    shows: "service list",
  }),
};
