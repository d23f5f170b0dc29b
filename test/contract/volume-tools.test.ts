import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

contract("dynamic host volumes", (test) => {
  test("a job waits for one, has it once it is made, and it is deleted when nothing uses it", async ({ nomad }) => {
    const [name, job_id] = [nomad.id("volume"), nomad.id("waits")];
    const Volumes = { data: { Name: "data", Type: "host", Source: name, Sticky: true } };
    await nomad.submit(mockJob(job_id, {}, { ...noDeployment, Volumes }));
    expect(await nomad.tell("diagnose_job", { job_id })).toMatch(
      new RegExp(`no node has a host volume ${name}.*create_volume name=${name} node=client-\\d`, "s"),
    );

    nomad.undo(() => nomad.call("delete_volume", { volume: name }));
    const made = await nomad.tell("create_volume", { name, node: "client-2" });
    expect(made).toMatch(
      new RegExp(`^Host volume ${name} \\(\\w{8}, on client-2\\) made in namespace default: ready after`),
    );
    expect(made).toContain(`Named by ${job_id}: `);
    expect(await nomad.tell("create_volume", { name, node: "client-2" })).toMatch(/ is there already: ready\. /);
    await nomad.allocation(job_id, "running");
    expect(await nomad.tell("list_volumes", { prefix: name })).toMatch(
      new RegExp(`${name} +\\w{8} +host, mkdir +client-2 +ready +${job_id} \\(1 allocation\\)`),
    );
    expect((await nomad.call("delete_volume", { volume: name })).text).toMatch(
      / is used by 1 allocation \(\w{8}\) of .* Nothing was changed\./,
    );

    await nomad.stop(job_id);
    await nomad.allocations(job_id, (all) => all.every(({ ClientStatus }) => ClientStatus === "complete"));
    expect(await nomad.tell("list_volumes", { prefix: name })).toContain(`claimed by ${job_id}`);
    expect(await nomad.tell("delete_volume", { volume: name })).toMatch(/ deleted, with all that was in it\n/);
    expect((await nomad.call("delete_volume", { volume: name })).text).toMatch(/^There is no dynamic host volume /);
  });

  test("what cannot be made is refused", async ({ nomad }) => {
    const name = nomad.id("none");
    const refused = async (args: object) => (await nomad.call("create_volume", { name, ...args })).text;
    expect(await refused({ node: "client-1", plugin: "nope" })).toMatch(
      /^client-1 has no plugin nope .*: it has mkdir\./,
    );
    expect(await refused({ node: "client-1", parameters: { nope: "x" } })).toMatch(/unknown mkdir parameter: "nope"/);
    expect(await refused({ node_pool: "nope" })).toMatch(/^No node of pool nope takes work/);
    expect(await nomad.tell("list_volumes", { prefix: name })).toMatch(/^No volume that begins with /);
  });
});
