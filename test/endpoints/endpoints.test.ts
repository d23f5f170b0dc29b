import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { addressed, leadsTo } from "../../src/endpoints/address.ts";
import { type Endpoint, type Query, type Reach, readReply, tellsNamespace } from "../../src/endpoints/endpoint.ts";
import { shaped } from "../../src/endpoints/shaped.ts";
import { declared, endpointAt } from "../support/declared.ts";
import { howToSee } from "../support/raw/look-again.ts";
import { needsOf } from "../support/raw/needs.ts";
import { acts, asksOnly, type Reach as RawReach, reach } from "../support/raw/reach.ts";
import { sinceVersion } from "../support/raw/versions.ts";
import { type Exchange, recorded } from "../support/recorded-state.ts";

// Every declaration against what is known of raw methods and paths, and against what a real Nomad answered.

const uuid = "4f2a9c31-5d0e-4b7a-9c1f-0123456789ab";
const args = new Proxy<Query>({}, { get: (_, name) => (/^(job_id|name|path)$/.test(String(name)) ? "web" : uuid) });
const pathOf = (route: Endpoint) => addressed(route, args).path;

/** What the raw table says of it. */
function rawReach(route: Endpoint): RawReach {
  const { does, reach: of } = route;
  const kinds: Record<Exclude<Reach, object>, RawReach> = {
    cluster: { kind: does === "acts" ? "all" : "none" },
    namespace: { kind: "namespace" },
    "namespaces by filter": { kind: "namespace", whole: "filter" },
    "namespaces by rows": { kind: "namespace", whole: "rows" },
    itself: { kind: "itself", name: "web" },
  };
  if (typeof of === "string") return kinds[of];
  const list = (["allocations", "evaluations", "deployments"] as const).find((each) => each === `${of.noun}s`);
  return list === undefined ? { kind: "unknown" } : { kind: "object", list, id: uuid, told: tellsNamespace(route) };
}

describe.each(declared)("%s", (name, route) => {
  const path = pathOf(route);

  test("is what the route does", () => {
    expect(acts(route.method, path)).toBe(route.does === "acts");
    expect(asksOnly(path) && route.method === "POST").toBe(route.does === "asks");
  });

  test("needs what the route needs", () => {
    expect(route.needs).toEqual(needsOf(route.method, path));
    expect(route.since).toBe(sinceVersion(path));
  });

  test("touches what the route touches", () => {
    // The raw table has them as a list of the cluster, and their names for an exception of the gate.
    if (name === "namespaces.list") expect(route.reach).toBe("itself");
    // In the raw table the two share a row; a registration names one namespace.
    else if (name === "jobs.register") expect(route.reach).toBe("namespace");
    else expect(rawReach(route)).toEqual(reach(route.method, path));
  });

  test("says what shows the object of a change", () => {
    const command = /`nomad ([^`]+)`/.exec(howToSee(path))?.[1];
    if (route.does === "acts")
      expect(route.shows?.replace(/:(job_id|path)$/, "web").replace(/:\w+_id$/, "4f2a9c31")).toBe(command);
  });

  test("is found by its path, and by no other", () => {
    expect(leadsTo(route, path)).toBe(true);
    expect(declared.filter(([, other]) => endpointAt(route.method, path) === other)[0]?.[1].path).toBe(route.path);
  });
});

describe("what was recorded of a real Nomad", () => {
  const folder = new URL("../recorded/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
  const of = new Map<Endpoint, [string, Exchange][]>();
  for (const file of files) {
    const exchange = recorded(file);
    const { pathname } = new URL(exchange.request.path, "http://x");
    // Nomad takes the path of a variable with its slashes, too.
    const path = pathname.replace(
      /^(\/v1\/var\/)(.+)$/,
      (_, head: string, rest: string) => head + rest.replaceAll("/", "%2F"),
    );
    const route = exchange.status < 300 ? endpointAt(exchange.request.method, path) : undefined;
    if (route !== undefined) of.set(route, [...(of.get(route) ?? []), [file, exchange]]);
  }

  test.each(declared)("fits %s", (_, route) => {
    const exchanges = of.get(route) ?? [];
    expect(exchanges.length, "exchanges in test/recorded that succeeded").toBeGreaterThan(0);
    for (const [file, { body, frames }] of exchanges) {
      if (route.reply === "bytes") continue;
      if (typeof route.reply === "object" && "frames" in route.reply) {
        for (const frame of frames ?? []) expect(readReply(route, JSON.parse(frame)), file).toEqual(JSON.parse(frame));
        continue;
      }
      const said: unknown = JSON.parse(JSON.stringify(body), (_, value: unknown) => value ?? undefined);
      const read = shaped(route.reply, body === "" ? null : structuredClone(body));
      // Nothing of it is changed but what was missing or null.
      if (typeof said === "object") expect(read, file).toMatchObject(said ?? {});
    }
  });
});

describe("a path is sent only where Nomad takes it for what it was declared as", () => {
  const path = (name: string, given: Query) => {
    const [, route] = declared.find(([each]) => each === name) ?? [];
    if (route === undefined) throw new Error(`${name} is not declared`);
    return leadsTo(route, addressed(route, given).path);
  };

  test.each([
    ["a job whose id ends as a part of one does", "jobs.get", { job_id: "web/action" }],
    ["the same, with a part of two words", "jobs.update", { job_id: "web/periodic/force" }],
    ["an id with a slash where ids have none", "deployments.get", { deployment_id: `promote/${uuid}` }],
    ["an id that leads to what acts", "allocations.stats", { allocation_id: `${uuid}/restart` }],
    ["a namespace with a slash", "namespaces.get", { name: "a/b" }],
  ])("%s is none", (_, name, given) => {
    expect(path(name, given)).toBe(false);
  });

  test.each([
    ["a child of a periodic job", "jobs.get", { job_id: "nightly/periodic-1795212307" }],
    ["a job called as a part of one", "jobs.get", { job_id: "plan" }],
    ["the plan of a job whose id ends so", "jobs.plan", { job_id: "web/summary" }],
    ["ids with all that must be encoded", "jobs.get", { job_id: "a?b=c#d %2e\n\u00f6" }],
    ["a variable in folders", "variables.get", { path: "nomad/jobs/web" }],
  ])("%s is one", (_, name, given) => {
    expect(path(name, given)).toBe(true);
  });

  test.each([
    "/v1/client/x/../gc",
    "/v1/job/%zz",
    "//v1/jobs",
    "/v1\\jobs",
    "/v1/jobs?x",
    "/v1/job/%2e%2e",
    "http://elsewhere/v1/jobs",
    "/v1/g\tc",
  ])("%s is no path of any", (path) => {
    expect(declared.filter(([, each]) => leadsTo(each, path))).toEqual([]);
  });
});
