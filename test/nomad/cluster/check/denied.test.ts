import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import type { AclToken } from "../../../../src/endpoints/acl.ts";
import { address, recorded, recordedNomad } from "../../../support/recorded.ts";
import { openSession } from "../../../support/session.ts";

const denied = () => new HttpResponse("Permission denied", { status: 403, headers: { "Content-Type": "text/plain" } });
const self = recorded<AclToken>("acl/self.json").body;

/** What is answered of a job that the token may not read. `own`: what Nomad says of the token, `names`: the namespaces that it sees. */
async function answer(own: () => Response, names: readonly string[] = []) {
  const asked: string[] = [];
  recordedNomad({
    job: "web",
    extra: [
      http.get(`${address}/v1/acl/token/self`, () => {
        asked.push("self");
        return own();
      }),
      http.get(`${address}/v1/namespaces`, () => {
        asked.push("namespaces");
        return HttpResponse.json(names.map((Name) => ({ Name })));
      }),
      http.all(`${address}/v1/*`, denied),
    ],
  });
  const session = await openSession({ address, token: "2ac63bf7-07e2-5329-cfd0-143645dfbe47" });
  const { isError, text } = await session.call("get_job_status", { job_id: "web" });
  await session.close();
  expect(isError).toBe(true);
  return { text, asked };
}

const known = () => HttpResponse.json(self);

test("an expired token", async () => {
  // nomad/auth, ResolveToken: what is past its time is an error of its own here, and "Permission denied" elsewhere.
  const { text, asked } = await answer(() => new HttpResponse("ACL token expired", { status: 500 }));
  expect(text).toMatchInlineSnapshot(`
    "GET /v1/job/web failed: 403 Permission denied
    The ACL token has expired: set a new one (NOMAD_TOKEN)."
  `);
  expect(asked).toEqual(["self"]);
});

test.each([["Permission denied"], ["ACL token not found"]])("a token that Nomad does not know: %s", async (said) => {
  const { text } = await answer(() => new HttpResponse(said, { status: 403 }));
  expect(text).toMatch(/failed: 403 Permission denied\nThe ACL token is unknown to Nomad/);
  expect(text).not.toContain("policy");
});

test("a task's own token, which has no object of its own: it is about what it may do", async () => {
  const { text } = await answer(() => new HttpResponse("ACL token not found", { status: 404 }));
  expect(text).toMatch(/The token needs the capability/);
  expect(text).not.toContain("unknown");
});

test("a token of another namespace: which, and the call that it fits", async () => {
  const { text, asked } = await answer(known, ["team-a"]);
  expect(text).toMatchInlineSnapshot(`
    "GET /v1/job/web failed: 403 Permission denied
    The token reader may do nothing in namespace default: it is for namespace team-a.
    Next: the same call with namespace=team-a"
  `);
  expect(asked).toEqual(["self", "namespaces"]);
});

test("a token that lacks a capability: the policy, and no doubt about the token", async () => {
  const { text } = await answer(known, ["default"]);
  expect(text).toMatch(/The token needs the capability/);
  expect(text).not.toContain("unknown or has expired");
});

test("nothing can be found out: it is told from the request", async () => {
  const { text } = await answer(
    () => new HttpResponse("<html>no entry</html>", { status: 403, headers: { "Content-Type": "text/html" } }),
  );
  expect(text).toMatch(/The token needs the capability/);
  expect(text).toContain("Nomad says the same of a token that is unknown or has expired.");
});
