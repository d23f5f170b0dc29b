import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { nowhere } from "./support/jobs.ts";

contract("the servers", (test) => {
  test("say who takes part in Raft, whoever asks, and which keys they keep", async ({ nomad }) => {
    const peers = await nomad.get<string[]>("/v1/status/peers");
    expect(peers).toContain(await nomad.get("/v1/status/leader"));
    expect(await nomad.get("/v1/status/peers", { stale: true })).toEqual(peers);
    const members = await nomad.get<{ Members: { Tags: Record<string, string> }[] }>("/v1/agent/members");
    // What gossip tells of a server leads to its address in Raft.
    const addresses = members.Members.map(({ Tags }) => `${Tags.rpc_addr}:${Tags.port}`);
    expect(addresses).toEqual(expect.arrayContaining(peers));
    const keys = await nomad.get<{ State: string }[]>("/v1/operator/keyring/keys");
    expect(keys.filter(({ State }) => State === "active")).toHaveLength(1);
    expect(await nomad.get("/v1/regions")).toContain("global");
  });

  test("count evaluations by a filter", async ({ nomad }) => {
    const id = nomad.id("counted");
    const filter = `Status == "blocked" and JobID == "${id}"`;
    const count = async () =>
      (await nomad.get<{ Count: number }>("/v1/evaluations/count", { namespace: "*", filter })).Count;
    expect(await count()).toBe(0);
    await nomad.submit(mockJob(id, {}, nowhere));
    await nomad.until<{ readonly Status: string }[]>(`/v1/job/${id}/evaluations`, (all) =>
      all.some(({ Status }) => Status === "blocked"),
    );
    expect(await count()).toBe(1);
  });

  test("get_server_health: one verdict, and what it rests on", async ({ nomad }) => {
    const text = await nomad.tell("get_server_health", {});
    expect(text).toMatch(/^Healthy: \d+ servers?, leader \S+; /);
    expect(text).toMatch(/\nScheduler: binpack, system jobs may preempt others\n/);
    expect(text).toMatch(/\nKeyring: the active key is \S+ old\n/);
    expect(text).toContain("\nRegion: global");
    expect(text).not.toContain("Not seen");
  });
});
