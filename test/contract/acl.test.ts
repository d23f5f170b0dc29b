import { expect } from "vitest";
import { shapeDiffers } from "../../packages/demo-cluster/test/shape.ts";
import { recorded } from "../support/recorded-state.ts";
import { contract } from "./support/contract.ts";

/** A cluster without ACLs: who Nomad takes us for, and the servers. */
contract("who we are", (test) => {
  test("the token of a cluster without ACLs", async ({ nomad }) => {
    const token = await nomad.ask<Record<string, unknown>>("GET", "/v1/acl/token/self");
    expect(token).toMatchObject({ AccessorID: "acls-disabled", Type: "client", Policies: null, Roles: null });
    expect(Object.keys(token).sort()).toEqual(Object.keys(recorded<object>("acl/self.json").body).sort());
    for (const path of ["/v1/acl/policies", "/v1/acl/policy/reader", "/v1/acl/role/x"]) {
      const { status, text } = await nomad.send("GET", path);
      expect([status, text]).toEqual([400, "ACL support disabled"]);
    }
  });

  test("the servers and their leader", async ({ nomad }) => {
    const leader = await nomad.ask<string>("GET", "/v1/status/leader");
    const { Members, ...rest } = await nomad.ask<{ Members: { Tags: Record<string, string> }[] }>(
      "GET",
      "/v1/agent/members",
    );
    expect(rest).toMatchObject({ ServerRegion: "global" });
    expect(Members.map(({ Tags }) => `${Tags.rpc_addr}:${Tags.port}`)).toContain(leader);
    expect(Members[0]?.Tags.build).toMatch(/^\d+\.\d+\.\d+/);
    expect(shapeDiffers(Members[0], member)).toEqual([]);
  });

  test("check_connection", async ({ nomad }) => {
    const text = await nomad.tell("check_connection", {});
    expect(text).toMatch(/^http:\S+: works, all \d+ tools can be used\n {2}Nomad: \d+\.\d+\.\d+/);
    expect(await nomad.tell("check_connection", { namespace: "contract-none" })).toMatch(
      /: Nomad answers, but there is no namespace contract-none$/m,
    );
  });
});

const member = {
  ...{ Addr: "127.0.0.1", Name: "server-1.global", Port: 4648, Status: "alive" },
  ...{ DelegateCur: 4, DelegateMax: 5, DelegateMin: 2, ProtocolCur: 2, ProtocolMax: 5, ProtocolMin: 1 },
  Tags: {
    ...{ build: "2.0.6-dev", dc: "dc1", region: "global", role: "nomad", rpc_addr: "127.0.0.1", port: "4647" },
    ...{ bootstrap: "1", expect: "1", id: "bad9fe8a", raft_vsn: "3", revision: "", vsn: "1" },
  },
};
