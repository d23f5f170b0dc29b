import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";

let session: DemoSession;
let id: string;
const numbered = Array.from({ length: 4_000 }, (_, index) => `line ${index}`).join("\n");
const files: Readonly<Record<string, string>> = {
  "local/app.conf": "listen = 80\npath = /\n",
  "local/long": `${numbered}\n`,
  "local/oneline": "word ".repeat(5_000),
  "local/blob": "a\u0000b",
  "local/keys": `user = shop\n${"x".repeat(15_980)} password = made-up-secret-value\nend\n`,
  "secrets/db.env": "DB=made-up\n",
};
const Templates = Object.entries(files).map(([DestPath, EmbeddedTmpl]) => ({ DestPath, EmbeddedTmpl }));
const Tasks = [{ Name: "main", Driver: "mock_driver", Config: { run_for: "1h" }, Templates }];
beforeEach(async () => {
  session = await demoSession();
  await session.register(mockJob("api", {}, { Tasks }));
  const [only] = await session.nomad<AllocationStub[]>("GET", "/v1/job/api/allocations");
  id = only?.ID ?? "";
});
afterEach(() => session.close());

const read = async (file: string, more: object = {}) => {
  const { text, isError } = await session.call("read_allocation_file", { allocation_id: id, file, ...more });
  return { isError, text: withoutIds(text) };
};

test("a text, whole", async () => {
  expect(await read("main/local/app.conf")).toMatchInlineSnapshot(`
    {
      "isError": false,
      "text": "/main/local/app.conf of <id> (api): 21 bytes, changed <age>

    all 2 lines (written by the workload):
    | listen = 80
    | path = /",
    }
  `);
  expect((await read("/alloc/logs/main.stderr.0")).text).toMatchInlineSnapshot(
    `"/alloc/logs/main.stderr.0 of <id> (api): empty, changed <age>"`,
  );
});

test("a long one part by part, cut between lines, each line once", async () => {
  const seen: string[] = [];
  let offset = 0;
  for (;;) {
    const { text } = await read("main/local/long", { offset });
    seen.push(...text.split("\n").filter((line) => line.startsWith("| ")));
    const next = /offset=(\d+)$/.exec(text)?.[1];
    if (next === undefined) break;
    offset = Number(next);
  }
  expect(seen.map((line) => line.slice(2)).join("\n")).toBe(numbered);
  expect(
    (await read("main/local/long", { offset: 15_994 })).text.split("\n").slice(0, 4).join("\n"),
  ).toMatchInlineSnapshot(`
    "/main/local/long of <id> (api): 38 KiB, changed <age>

    1,600 lines, bytes 15,990 to 31,990 (written by the workload):
    | line 1710"
  `);
});

test("its last lines", async () => {
  const { text } = await read("main/local/long", { tail: 2 });
  expect(text).toMatchInlineSnapshot(`
    "/main/local/long of <id> (api): 38 KiB, changed <age>

    last 2 lines (written by the workload):
    | line 3998
    | line 3999"
  `);
  expect((await read("main/local/app.conf", { tail: 1 })).text).toMatch(/last line .*:\n\| path = \/$/);
});

test("one long line is cut between words; a part of it lacks the word in which it begins", async () => {
  const { text } = await read("main/local/oneline", { offset: 5_000 });
  expect(text).toContain("\n| …word word");
  expect(text).toMatch(/word …\n\nNext: /);
});

test("beyond its end there is nothing", async () => {
  expect((await read("main/local/app.conf", { offset: 500 })).text).toMatch(/\nIt ends before that\.$/);
});

test("what looks secret is masked, wherever the parts are cut", async () => {
  const all: string[] = [];
  for (const offset of [0, 15_980, 15_995, 16_010, 16_014, 16_020])
    all.push((await read("main/local/keys", { offset })).text);
  expect(all.join("\n")).not.toMatch(/secret-value|made-up/);
});

describe("refused, with why", () => {
  test.each([
    ["binary, with its size", "main/local/blob"],
    ["a folder", "main/local"],
    ["missing", "main/local/nope"],
    ["led out", "../../etc/passwd"],
    ["secret, by whatever way", "main/local/../secrets/db.env"],
  ])("%s", async (_, file) => {
    const { text, isError } = await read(file);
    expect(isError).toBe(true);
    expect(text).toMatchSnapshot();
  });
});

describe("a 200 that is no file", () => {
  /** In place of the node: what it says of the file, and what it gives in its place, one after the other. */
  function node(stats: readonly object[], pieces: readonly string[]): { reads: number } {
    const seen = { reads: 0 };
    let stated = 0;
    const file = {
      Name: "f",
      IsDir: false,
      FileMode: "-rw-r--r--",
      ModTime: "2026-11-20T19:00:00Z",
      ContentType: "text/plain",
    };
    const server = setupServer(
      http.get("*/v1/client/fs/stat/*", () =>
        HttpResponse.json({ ...file, ...stats[Math.min(stated++, stats.length - 1)] }),
      ),
      http.get("*/v1/client/fs/readat/*", () => HttpResponse.text(pieces[Math.min(seen.reads++, pieces.length - 1)])),
    );
    server.listen({ onUnhandledRequest: "bypass" });
    onTestFinished(() => server.close());
    return seen;
  }

  test.each([
    ["longer than the file", 7],
    ["shorter", 700],
  ])("is told as what Nomad says: %s", async (_, Size) => {
    const seen = node([{ Size }], ["open /opt/nomad/alloc/x/main/local/f: permission denied"]);
    const { text, isError } = await read("main/local/f");
    expect(isError).toBe(true);
    expect(text).toMatch(/^Node client-\d does not give \/main\/local\/f of <id>: open .*: permission denied$/);
    expect(seen.reads).toBe(1);
  });

  test("a file that is cut meanwhile is read anew", async () => {
    const seen = node([{ Size: 9 }, { Size: 4 }], ["new\n"]);
    expect((await read("main/local/f")).text).toContain("\n| new");
    expect(seen.reads).toBe(2);
  });

  test("one that never stands still is given up, after so many requests", async () => {
    const sizes = Array.from({ length: 20 }, (_, index) => ({ Size: 1_000 - index }));
    const seen = node(sizes, ["short\n"]);
    expect((await read("main/local/f")).text).toContain("changes faster than it can be read: tail=100");
    expect(seen.reads).toBe(3);
  });
});

test("two requests beside those that find the allocation", async () => {
  const before = session.demo.requests.length;
  await read("main/local/app.conf");
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(4);
});
