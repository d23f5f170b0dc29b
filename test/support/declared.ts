import { readdirSync } from "node:fs";
import { leadsTo } from "../../src/endpoints/address.ts";
import type { Endpoint } from "../../src/endpoints/endpoint.ts";

const folder = new URL("../../src/endpoints/", import.meta.url);
const modules = await Promise.all(
  readdirSync(folder).map(async (file): Promise<Record<string, unknown>> => await import(new URL(file, folder).href)),
);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isEndpoint = (value: unknown): value is Endpoint => isObject(value) && "path" in value && "does" in value;

const all = modules.flatMap((module) =>
  Object.entries(module).flatMap(([noun, routes]) =>
    Object.entries(isObject(routes) && !isEndpoint(routes) ? routes : {}).flatMap(([name, route]) =>
      isEndpoint(route) ? [[`${noun}.${name}`, route] as const] : [],
    ),
  ),
);

/** Every route that src/endpoints declares, each once, by the name that it is called by: `jobs.list`. */
export const declared = all.filter(([, route], index) => all.findIndex(([, other]) => other === route) === index);

/** The route that a request is of, told by its method and encoded path; undefined for one that is not declared. */
export function endpointAt(method: string, path: string): Endpoint | undefined {
  const put = (given: string) => (given === "POST" ? "PUT" : given);
  const fitting = declared.filter(([, each]) => put(each.method) === put(method) && leadsTo(each, path));
  const constant = ({ path: pattern }: Endpoint) => pattern.replaceAll(/:\w+/g, "").length;
  return fitting.map(([, each]) => each).toSorted((one, other) => constant(other) - constant(one))[0];
}
