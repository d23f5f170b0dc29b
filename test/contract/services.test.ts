import { expect } from "vitest";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

interface Registered {
  readonly ServiceName: string;
  readonly Namespace: string;
  readonly AllocID: string;
  readonly Port: number;
}

/** A group of two whose service has a check on a port where nobody listens. */
const offering = (name: string) => ({
  ...noDeployment,
  Count: 2,
  Networks: [{ DynamicPorts: [{ Label: "http" }] }],
  Services: [
    {
      ...{ Name: name, Provider: "nomad", PortLabel: "http" },
      Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }],
    },
  ],
});

contract("services", (test) => {
  test("names of all, instances of one in pages, and of a job all at once", async ({ nomad }) => {
    const name = nomad.id("offered");
    const job = await nomad.running("offers", {}, offering(name));
    const path = `/v1/service/${name}`;
    const rows = await nomad.until<Registered[]>(path, (now) => now.length === 2);
    expect(rows).toMatchObject([{ ServiceName: name, Namespace: "default" }, { ServiceName: name }]);

    const all = await nomad.get<{ Services: { ServiceName: string }[] }[]>("/v1/services", {
      per_page: 1,
      filter: "x",
    });
    expect(all.flatMap(({ Services }) => Services.map((each) => each.ServiceName))).toContain(name);
    expect(await nomad.get(path, { namespace: "*" })).toEqual([]);
    const page = await nomad.send("GET", path, { query: { per_page: 1 } });
    expect(JSON.parse(page.text)).toHaveLength(1);
    const rest = await nomad.get<Registered[]>(path, {
      per_page: 5,
      next_token: page.headers.get("x-nomad-nexttoken") ?? "",
    });
    expect(rest).toHaveLength(1);
    expect(await nomad.get(`/v1/job/${job}/services`)).toHaveLength(2);
    expect((await nomad.send("GET", `/v1/job/${nomad.id("nope")}/services`)).status).toBe(404);
    expect(await nomad.get(`/v1/service/${nomad.id("nope")}`)).toEqual([]);
  });

  test("list_services tells addresses, and the check that fails", async ({ nomad }) => {
    const name = nomad.id("failing");
    const job = await nomad.running("fails", {}, offering(name));
    await nomad.until<Registered[]>(`/v1/service/${name}`, (now) => now.length === 2);
    const failing = new RegExp(
      `^${job} \\(namespace default\\): 1 service, 2 instances; 2 instances with a check that fails: ${name}\n`,
    );
    for (let tries = 0; tries < 30; tries++) {
      const told = await nomad.tell("list_services", { job_id: job });
      if (failing.test(told)) break;
      await nomad.pass(1_000);
    }
    const told = await nomad.tell("list_services", { name });
    expect(told).toMatch(/: 2 instances; 2 instances with a check that fails\n/);
    expect(told).toMatch(/check alive of .* at \S+:\d+: .*refused/);
    expect(told).toContain(`Next: diagnose_job job_id=${job}`);
  });
});
