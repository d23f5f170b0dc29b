import { afterEach, beforeEach, expect, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";

let session: DemoSession;
let allocation_id: string;
const Templates = Array.from({ length: 3 }, (_, index) => ({
  DestPath: `local/${index}.conf`,
  EmbeddedTmpl: "a = 1\n",
}));
const Tasks = [{ Name: "main", Driver: "mock_driver", Config: { run_for: "1h", stdout_string: "up\n" }, Templates }];
beforeEach(async () => {
  session = await demoSession();
  await session.register(mockJob("api", {}, { Tasks }));
  const [only] = await session.nomad<AllocationStub[]>("GET", "/v1/job/api/allocations");
  allocation_id = only?.ID ?? "";
});
afterEach(() => session.close());

const list = async (args: object = {}) => {
  const { text, isError } = await session.call("list_allocation_files", { allocation_id, ...args });
  return { isError, text: withoutIds(text) };
};

test("its root: the shared folder and one a task", async () => {
  expect(await list()).toMatchInlineSnapshot(`
    {
      "isError": false,
      "text": "/ of <id> (api): 2 folders

    name    changed
    alloc/  15s
    main/   15s

    Next: list_allocation_files allocation_id=<id> folder=/alloc",
    }
  `);
});

test("a folder: what can be read, with sizes; more where that was left out", async () => {
  expect((await list({ folder: "main/local" })).text).toMatchInlineSnapshot(`
    "/main/local of <id> (api): 3 files

    name    size     changed
    0.conf  6 bytes  15s
    1.conf  6 bytes  15s
    2.conf  6 bytes  15s

    Next: read_allocation_file allocation_id=<id> file=/main/local/0.conf"
  `);
  expect((await list({ folder: "/main/local/", limit: 2 })).text).toMatchInlineSnapshot(`
    "/main/local of <id> (api): 3 files, 2 shown

    name    size     changed
    0.conf  6 bytes  15s
    1.conf  6 bytes  15s

    Next: read_allocation_file allocation_id=<id> file=/main/local/0.conf, or limit=3 shows more"
  `);
  expect((await list({ folder: "alloc/data" })).text).toMatchInlineSnapshot(`"/alloc/data of <id> (api): empty"`);
});

test("what is no folder, is not there, or leads out is refused with what helps", async () => {
  expect(await list({ folder: "main/local/0.conf" })).toMatchInlineSnapshot(`
    {
      "isError": true,
      "text": "/main/local/0.conf of <id> is a file, no folder.
    Next: read_allocation_file allocation_id=<id> file=/main/local/0.conf",
    }
  `);
  expect(await list({ folder: "main/nope" })).toMatchInlineSnapshot(`
    {
      "isError": true,
      "text": "<id> has no /main/nope. At its root there is alloc and main.
    Next: list_allocation_files allocation_id=<id> folder=/main",
    }
  `);
  expect(await list({ folder: "main/../../etc" })).toMatchInlineSnapshot(`
    {
      "isError": true,
      "text": "main/../../etc leads out of the allocation: only what is in its own folders can be read. The root filesystem of a container is not among them.",
    }
  `);
});

test("one request beside those that find the allocation", async () => {
  const before = session.demo.requests.length;
  await list({ folder: "main/local" });
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(3);
});
