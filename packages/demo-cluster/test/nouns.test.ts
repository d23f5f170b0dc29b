import { expect, test } from "vitest";
import { shapeDiffers } from "./shape.ts";
import { drive, recorded } from "./support.ts";

const ROUTES = {
  "variable/get": "/v1/var/shop/mail",
  "variable/list": "/v1/vars",
  "namespace/list": "/v1/namespaces",
  "cluster/node-pools": "/v1/node/pools",
  "cluster/raft": "/v1/operator/raft/configuration",
  "cluster/autopilot": "/v1/operator/autopilot/health",
  "cluster/members": "/v1/agent/members",
  "cluster/scheduler": "/v1/operator/scheduler/configuration",
  "acl/policy-read": "/v1/acl/policy/watchers",
  "acl-login/auth-methods-no-token": "/v1/acl/auth-methods",
  "acl-login/binding-rule-create": "/v1/acl/binding-rule/ba6ab39a-8cda-4b8d-9e2f-e316a5b63e60",
};

test.each(Object.entries(ROUTES))("has the shape of %s", async (file, path) => {
  const { get } = await drive({ jobs: true, acl: true });
  const { status, body } = await get(path);
  expect(status).toBe(200);
  // what it maps are the user's own names
  const free = /\.(Items|Tags)\.|^\[\]\.Capabilities/;
  expect(shapeDiffers(body, recorded(file).body).filter((one) => !free.test(one))).toEqual([]);
});

test("a node has the shape of a real one while it drains, and afterwards", async () => {
  const { cluster, get, send, clock } = await drive();
  const own = async () => {
    const [{ ID }] = (await get("/v1/nodes?filter=Name%20==%20`client-1`")).body;
    const { DrainStrategy, LastDrain, Events } = (await get(`/v1/node/${ID}`)).body;
    return { DrainStrategy, LastDrain, Events };
  };
  const theirs = (file: string) => {
    const { DrainStrategy, LastDrain, Events } = recorded(`drain/${file}`).body;
    return { DrainStrategy, LastDrain, Events };
  };
  cluster.setEligibility("client-2", false);
  await send("POST", "/v1/jobs", { Job: recorded("web/job").body });
  await clock.advance(20_000);
  cluster.drainNode("client-1");
  expect(shapeDiffers(await own(), theirs("node-draining"))).toEqual([]);
  await clock.advance(3_700_000);
  const after = await own();
  expect(after).toMatchObject({ DrainStrategy: null, LastDrain: { Status: "complete" } });
  expect(shapeDiffers(after, theirs("node-drained"))).toEqual([]);
});
