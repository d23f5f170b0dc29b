import { expect, test } from "vitest";
import { byKey, byNothing } from "../../src/access/authenticator.ts";
import { newKey, onlyKey } from "../../src/access/keys.ts";

const { key } = newKey();
const anna = { id: "key anna", name: "anna", auth: "key", role: undefined } as const;
const keys = byKey(onlyKey(key, anna));

test("a key behind the word Bearer says who calls", async () => {
  expect(await keys.identify({ authorization: `bearer ${key}` })).toEqual({ principal: anna });
});

test.each([
  ["nothing", undefined, "Bearer"],
  ["another scheme", `Basic ${key}`, "Bearer"],
  ["a key without the word", key, "Bearer"],
  ["another key", `Bearer ${newKey().key}`, 'Bearer error="invalid_token"'],
])("%s is refused, with what to do and nothing of what was shown", async (_, authorization, challenge) => {
  const known = await keys.identify({ authorization });
  expect(known).toMatchObject({ refused: { kind: "unauthorized", headers: { "WWW-Authenticate": challenge } } });
  expect(JSON.stringify(known)).not.toContain("nmcp_");
});

test("where nobody is asked, anybody may call, and a key opens nothing", async () => {
  const open = byNothing();
  expect(await open.identify({ authorization: undefined })).toMatchObject({ principal: { auth: "none" } });
  expect(await open.identify({ authorization: `Bearer ${key}` })).toMatchObject({ refused: { kind: "unauthorized" } });
});
