import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import type { SomeSettings } from "../support/session.ts";

let session: DemoSession;
const open = async (settings?: SomeSettings) => {
  session = await demoSession(settings);
  session.demo.enableAcl();
};
beforeEach(() => open());
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const grafana = "ffbb49b1-1491-4874-99af-ee76f153f656";
const revoke = async (accessor_id: string) => await session.call("revoke_token", { accessor_id });
const known = async () =>
  (await session.nomad<{ AccessorID: string }[]>("GET", "/v1/acl/tokens")).map(({ AccessorID }) => AccessorID);

test("it is gone, sent once, and a repeat changes nothing", async () => {
  const { text, isError } = await revoke("ffbb49b1");
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"Token grafana (client, accessor ffbb49b1) revoked (it had policies watchers and retired); the servers refuse it at once; the agent of a node that has seen it takes it until it restarts, for what is asked of that agent itself"`,
  );
  expect(await known()).not.toContain(grafana);
  expect(session.changes()).toEqual([`DELETE /v1/acl/token/${grafana}?namespace=default`]);
  const again = await revoke("ffbb49b1");
  expect(again.isError).toBe(true);
  expect(again.text).toMatchInlineSnapshot(
    `"There is no token ffbb49b1: it may be revoked, or expired and deleted. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});

test("the question says what it has and until when, and what comes of it", async () => {
  await session.close();
  await open({ confirm: "ask" });
  const body = { Name: "pager", Type: "client", Roles: [{ Name: "on-call" }], ExpirationTTL: "1h" };
  const { AccessorID = "", SecretID = "" } = await session.nomad<Record<string, string>>("PUT", "/v1/acl/token", body);
  const { text } = await revoke(AccessorID);
  expect(
    text
      .replaceAll(AccessorID.slice(0, 8), "<accessor>")
      .replace(session.demo.address, "<address>")
      .replace(/\(\d{4}-\S+\)/, "(<time>)")
      .replace(/confirm=\S+/, "confirm=<code>"),
  ).toMatchInlineSnapshot(`
    "Not done yet: revoke_token needs the consent of the person.
    Revoke token pager (client, accessor <accessor>), which cannot be undone
      accessor: <accessor> (client)
      has: role on-call; it expires in 1h (<time>)
      cluster: <address>
      then: the servers refuse it at once; the agent of a node that has seen it takes it until it restarts, for what is asked of that agent itself
    Show this to the person. If they agree, call revoke_token again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  expect(text).not.toContain(SecretID.slice(0, 8));
});

describe("refused, and nothing is sent", () => {
  test("the token that this server uses", async () => {
    const { text, isError } = await revoke("6b1c5a2e");
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Bootstrap Token (management, accessor 6b1c5a2e) is the token that this server itself uses: revoked, it could do nothing any more. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });

  test("a name, a part that is too short, and what there is not", async () => {
    for (const given of ["grafana", "ffbb49b", "11111111-2222"]) {
      const { text, isError } = await revoke(given);
      expect(isError).toBe(true);
      expect(text).toMatch(
        /^(\S+ is not the accessor id of a token: |There is no token 11111111).* Nothing was changed\.$/,
      );
    }
    expect(session.changes()).toEqual([]);
  });

  test("a cluster without ACLs", async () => {
    const without = await demoSession();
    const { text, isError } = await without.call("revoke_token", { accessor_id: "ffbb49b1" });
    expect(isError).toBe(true);
    expect(text).toContain("ACLs are off in this cluster");
    await without.close();
  });
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  between("/acl/token/", lost);
  session.changes();
  const { text, isError } = await revoke("ffbb49b1");
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "DELETE /v1/acl/token/ffbb49b1-1491-4874-99af-ee76f153f656 may have happened: its answer was lost (fetch failed)
    Looked at since: the token is gone.
    Next: list_acl accessor=ffbb49b1 says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});

test("Nomad says yes, and it is still there", async () => {
  between("/acl/token/", async () => new Response(""));
  const { text, isError } = await revoke("ffbb49b1");
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "Nomad took the change, but the token is still there.
    Next: list_acl accessor=ffbb49b1 says how it is"
  `);
});
