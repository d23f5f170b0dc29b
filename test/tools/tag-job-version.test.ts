import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JobVersions } from "../../src/endpoints/jobs.ts";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
  await versions(0, 2);
  session.changes();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

async function versions(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at++) await session.register(mockJob("shop", {}, {}, { Meta: { at: String(at) } }), 0);
}
const tag = async (args: object) => await session.call("tag_job_version", { job_id: "shop", ...args });
const tags = async () => {
  const { Versions } = await session.nomad<JobVersions>("GET", "/v1/job/shop/versions");
  return (Versions ?? []).flatMap(({ Version, VersionTag }) => (VersionTag ? [[Version, VersionTag.Name]] : []));
};

test("the current version is named, a repeat changes nothing, and revert_job takes it by its name", async () => {
  const { text, isError } = await tag({ tag: "golden", description: "before the sale" });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"shop: version 2 (the current one) is tagged golden (before the sale) now (namespace default); so it is kept, however many versions follow"`,
  );
  expect(session.changes()).toEqual(["PUT /v1/job/shop/versions/golden/tag?namespace=default"]);
  for (const again of [{}, { description: "before the sale" }, { version: "2" }]) {
    const repeat = await tag({ tag: "golden", ...again });
    expect(repeat.isError).toBe(false);
    expect(repeat.text).toBe(
      "shop: version 2 (the current one) is tagged golden (before the sale) already. Nothing was changed.",
    );
  }
  expect(session.changes()).toEqual([]);
  expect((await tag({ tag: "golden", description: "good" })).text).toContain("is tagged golden (good) now");
  await versions(3, 3);
  expect((await session.call("revert_job", { job_id: "shop", version: "golden" })).text).toMatch(
    /^shop reverted to version 2 \(tag golden\), which is now version 4/,
  );
});

test("another tag of a version takes the place of the one that it had, which is said", async () => {
  await tag({ tag: "first", version: "0", description: "the very first" });
  expect((await tag({ tag: "v0", version: "first" })).text).toMatchInlineSnapshot(`
    "shop: version 0 is tagged v0 now (namespace default); so it is kept, however many versions follow
    It was tagged first (the very first) before: a version has one tag only"
  `);
  expect(await tags()).toEqual([[0, "v0"]]);
});

test("a tag is taken away, and a repeat changes nothing", async () => {
  await tag({ tag: "golden", version: "1" });
  session.changes();
  const { text, isError } = await tag({ tag: "golden", remove: true });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"shop: version 1 is no longer tagged golden (namespace default); it is kept as long as it is one of the newest"`,
  );
  expect(session.changes()).toEqual(["DELETE /v1/job/shop/versions/golden/tag?namespace=default"]);
  const repeat = await tag({ tag: "golden", remove: true });
  expect(repeat.isError).toBe(false);
  expect(repeat.text).toMatchInlineSnapshot(
    `"shop: no version has the tag golden; none has any. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
  await tag({ tag: "newest" });
  expect((await tag({ tag: "golden", remove: true })).text).toContain(
    "no version has the tag golden; there are newest (2)",
  );
});

test("a version that was kept for its tag alone goes with it", async () => {
  await tag({ tag: "golden", version: "0" });
  await versions(3, 8);
  expect((await tag({ tag: "golden", remove: true })).text).toMatchInlineSnapshot(
    `"shop: version 0 is no longer tagged golden (namespace default); it is deleted with that, since it was older than those that Nomad keeps without a tag"`,
  );
});

describe("refused, and nothing is sent", () => {
  const refused = async (args: object) => {
    session.changes();
    const { text, isError } = await tag(args);
    expect([isError, session.changes()]).toEqual([true, []]);
    return text;
  };

  test("a tag that another version has: which, and what takes it away there", async () => {
    await tag({ tag: "golden", version: "1" });
    expect(await refused({ tag: "golden" })).toMatchInlineSnapshot(`
      "Version 1 of shop has the tag golden, and only one can. Nothing was changed.
      Next: tag_job_version job_id=shop tag=golden remove=true takes it away there; a version that is too old to be kept without a tag is deleted with it"
    `);
    expect(await refused({ tag: "golden", version: "2", remove: true })).toMatchInlineSnapshot(
      `"Version 1 of shop has the tag golden, not 2. Nothing was changed."`,
    );
  });

  test("a version that there is not", async () => {
    expect(await refused({ tag: "golden", version: "7" })).toMatchInlineSnapshot(
      `"There is no version "7" of shop: Nomad keeps 2, 1 and 0. Nothing was changed."`,
    );
  });

  test("what can be no tag, or would be read as something else", async () => {
    expect(await refused({ tag: "v1/2" })).toMatchInlineSnapshot(
      `"A tag cannot have a slash in it. Nothing was changed."`,
    );
    expect(await refused({ tag: "2026" })).toMatchInlineSnapshot(
      `"A tag of digits alone would be read as the number of a version: say v2026. Nothing was changed."`,
    );
    expect(await refused({ tag: " good" })).toMatchInlineSnapshot(
      `"A tag cannot be empty, or begin or end with a space. Nothing was changed."`,
    );
    await session.register(mockJob("shop/run-1"), 0);
    expect(await refused({ job_id: "shop/run-1", tag: "good" })).toMatchInlineSnapshot(
      `"Nomad takes no tag for a job whose id has a slash in it, such as a run of a periodic job. Nothing was changed."`,
    );
  });

  test("a job that there is not", async () => {
    expect(await refused({ job_id: "shopp", tag: "good" })).toMatchInlineSnapshot(
      `"There is no job "shopp" in namespace default. Nearest: shop. Nothing was changed."`,
    );
  });
});

describe("what Nomad answers is not taken on trust", () => {
  test("another version has got the tag at the same moment", async () => {
    let meddled = false;
    between("/tag", async (send) => {
      if (meddled) return await send();
      meddled = true;
      await fetch(`${session.demo.address}/v1/job/shop/versions/golden/tag`, { method: "POST", body: '{"Version":0}' });
      return Response.json({ Name: "golden", Description: "" });
    });
    const { text, isError } = await tag({ tag: "golden" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Nomad took the change, but version 0 has the tag golden: somebody else has changed it since."`,
    );
  });

  test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
    between("/tag", lost);
    session.changes();
    const { text, isError } = await tag({ tag: "golden" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "PUT /v1/job/shop/versions/golden/tag may have happened: its answer was lost (fetch failed)
      Looked at since: version 2 has the tag golden.
      Next: list_job_versions job_id=shop says how it is"
    `);
    expect(session.changes()).toHaveLength(1);
  });
});
