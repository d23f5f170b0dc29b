import { expect, test } from "vitest";
import { demoSession } from "./demo-session.ts";
import { guard } from "./guard.ts";

test("what others send meanwhile neither counts nor is refused, and what needs a word is named", async () => {
  const session = await demoSession();
  session.demo.enableAcl();
  const watching = guard(["read-job"]);
  let begin = () => {};
  const other = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(() => session.nomad<unknown[]>("GET", "/v1/acl/tokens"));
  try {
    const { result, needed } = await watching.watch(async () => {
      begin();
      const refused = await session.call("list_nodes");
      return { refused: refused.isError, others: await other };
    });
    expect(result).toEqual({ refused: true, others: expect.any(Array) });
    expect([...needed.keys()]).not.toContain("management");
    expect([...(needed.get("node:read") ?? [])]).toEqual(["GET /v1/nodes"]);
  } finally {
    watching.remove();
    await session.close();
  }
});
