import { leadsTo } from "../../endpoints/address.ts";
import { unsealedValue } from "../../text/sealed.ts";
import { Refusal } from "../errors/refusal.ts";
import type { Connection, Request } from "./connection.ts";
import type { LookUp } from "./gate.ts";

/**
 * A request as it may be sent; `lookUp` finds out where an object is that the namespace gate asks about.
 *
 * @throws Refusal where the operator's gates are in its way.
 */
export async function allowed(
  { readOnly, settingName, cluster, namespace, gate }: Connection,
  request: Request,
  lookUp: LookUp,
): Promise<Request> {
  const { route, path } = request;
  if (!leadsTo(route, path)) {
    throw new Refusal(`Nomad would take ${path} for something else than was meant: nothing was sent.`);
  }
  if (readOnly && route.does === "acts") {
    const setting = settingName?.("readOnly") ?? "NOMAD_MCP_READ_ONLY";
    const what = cluster === undefined ? "This server" : `Cluster ${cluster}`;
    throw new Refusal(`${what} is read-only (${setting}): nothing was sent to Nomad.`);
  }
  // From here on the request is what Nomad gets, and the gate judges that.
  const query = unsealedValue({ namespace, ...request.query });
  const body = unsealedValue(request.body);
  if (gate === undefined) return { ...request, query, body };
  return { ...request, body, query: await gate.enter({ route, path, query, body }, lookUp) };
}
