import { afterEach, beforeEach, expect, test } from "vitest";
import { type DemoSession, demoSession, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: object = {}) => {
  const { text, isError } = await session.call("list_variables", { ...args });
  expect(isError, text).toBe(false);
  return steady(text).replaceAll(/ {2}(\d+[dhms])+$/gm, "  <age>");
};

test("paths and ages, in one request", async () => {
  const before = session.demo.requests.length;
  expect(await list()).toMatchInlineSnapshot(`
    "3 variables in namespace default

    path                 changed
    nomad/jobs/checkout  <age>
    nomad/jobs/web       <age>
    shop/mail            <age>

    Next: get_variable path=nomad/jobs/checkout shows its keys"
  `);
  expect(session.demo.requests.length - before).toBe(1);
});

test("of a prefix, in all namespaces, page by page; and none", async () => {
  expect(await list({ prefix: "nomad/jobs", namespace: "*", limit: 2 })).toMatchInlineSnapshot(`
    "2 variables under nomad/jobs in all namespaces, more follow

    path                 namespace  changed
    nomad/jobs/checkout  default    <age>
    nomad/jobs/web       default    <age>

    Next: cursor=prod.nomad/jobs/billing, or get_variable path=nomad/jobs/checkout shows its keys"
  `);
  const { text } = await session.call("list_variables", { prefix: "nomad/jobs", namespace: "*", limit: 2 });
  const cursor = /cursor=(\S+),/.exec(text)?.[1];
  expect(await list({ prefix: "nomad/jobs", namespace: "*", limit: 2, cursor })).toMatchInlineSnapshot(`
    "1 variable under nomad/jobs in all namespaces

    path                namespace  changed
    nomad/jobs/billing  prod       <age>

    Next: get_variable path=nomad/jobs/billing namespace=prod shows its keys"
  `);
  expect(await list({ prefix: "nope" })).toMatchInlineSnapshot(
    `"No variable under nope in namespace default that the token may list"`,
  );
});
