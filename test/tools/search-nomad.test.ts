import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { denied, front, type Instead } from "../support/front.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeAll(async () => {
  session = await demoSession();
});
afterAll(() => session.close());

async function search(text: string, args: object = {}): Promise<string> {
  const answer = await session.call("search_nomad", { text, ...args });
  expect(answer.isError, answer.text).toBe(false);
  return answer.text;
}

test("a word: the jobs of that name, and what holds it inside of others", async () => {
  expect(await search("web")).toMatchInlineSnapshot(`
    ""web": 1 job and 1 job with it inside

    jobs
      job  namespace  type     state
      web  default    service  running

    jobs with it inside
      job  namespace  what
      web  default    group web and service web"
  `);
});

test("a word in any namespace, in whatever case", async () => {
  expect(await search("BILL")).toMatchInlineSnapshot(`
    ""BILL": 1 job and 1 job with it inside

    jobs
      job      namespace  type     state
      billing  prod       service  running

    jobs with it inside
      job      namespace  what
      billing  prod       group billing, task billing and image shop/billing:3.0"
  `);
  expect(await search("bill", { namespace: "default" })).toMatchInlineSnapshot(`
    "Nothing found for "bill" in namespace default.
    It stands in no name of a job, a node, a volume or anything inside a job, and no id begins so."
  `);
});

test("a node", async () => {
  expect((await search("client-2")).replace(/[0-9a-f]{8}/, "<id>")).toMatchInlineSnapshot(`
    ""client-2": 1 node

    nodes
      <id> client-2 (dc1): ready"
  `);
});

test("the start of an id: what it is, and of which job", async () => {
  const [allocation] = await session.nomad<AllocationStub[]>("GET", "/v1/job/web/allocations");
  const [node] = await session.nomad<NodeStub[]>("GET", "/v1/nodes");
  const id = allocation?.ID ?? "";
  for (const begun of [id.slice(0, 8), id.slice(0, 7), id.replaceAll("-", "").slice(0, 13), id]) {
    expect(await search(begun)).toContain(`\n  ${id.slice(0, 8)} ${allocation?.Name} (namespace default): running on `);
  }
  expect(await search(node?.ID.slice(0, 6) ?? "")).toContain(`${node?.ID.slice(0, 8)} ${node?.Name} (`);
});

test("an allocation by its name", async () => {
  expect(
    (await search("web.web[1]")).replaceAll(/[0-9a-f]{8}/g, "<id>").replace(/client-\d/, "<node>"),
  ).toMatchInlineSnapshot(`
    ""web.web[1]": 1 allocation

    allocations
      <id> web.web[1] (namespace default): running on <node>"
  `);
});

test("a job behind the first twenty, where Nomad's own fuzzy search does not look", async () => {
  for (let index = 0; index < 25; index++) await session.register(mockJob(`many-${String(index).padStart(2, "0")}`), 0);
  await session.register(mockJob("z-last", { image: "registry.example/last:1" }), 0);
  const fuzzy = await session.nomad<{ Matches: object }>("POST", "/v1/search/fuzzy?namespace=*", { Text: "z-last" });
  expect(Object.keys(fuzzy.Matches)).not.toContain("jobs");
  expect(await search("z-last")).toMatchInlineSnapshot(`
    ""z-last": 1 job

    jobs
      job     namespace  type     state
      z-last  default    service  pending"
  `);
  expect(await search("registry.example")).toMatchInlineSnapshot(`
    ""registry.example": 1 job with it inside

    jobs with it inside
      job     namespace  what
      z-last  default    image registry.example/last:1"
  `);
  const many = await search("many", { limit: 3 });
  expect(many).toMatchInlineSnapshot(`
    ""many": more than 3 jobs

    jobs (the nearest ones)
      job      namespace  type     state
      many-00  default    service  pending
      many-01  default    service  pending
      many-02  default    service  pending

    A longer text or a greater limit shows the rest."
  `);
});

test("what means something else in an expression is taken as it is", async () => {
  expect(await search("a.*(b")).toMatchInlineSnapshot(`
    "Nothing found for "a.*(b" in any namespace.
    It stands in no name of a job, a node, a volume or anything inside a job, and no id begins so."
  `);
  expect(await search('`x` or ID != "')).toContain("Nothing found");
});

describe("a Nomad that answers less", () => {
  async function searchBehind(text: string, instead: (url: URL) => Instead | undefined) {
    const before = await front(session.demo.address, instead);
    const other = await openSession({ address: before.address });
    const answer = await other.call("search_nomad", { text });
    await other.close();
    await before.stop();
    return answer;
  }

  test("fuzzy search is switched off: names are found all the same, the rest by their start", async () => {
    const off = { status: 500, text: "fuzzy search is not enabled" };
    const answer = await searchBehind("pro", ({ pathname }) => (pathname === "/v1/search/fuzzy" ? off : undefined));
    expect(answer.text).toMatchInlineSnapshot(`
      ""pro": 1 namespace

      namespaces
        prod"
    `);
  });

  test("filters without any: inside jobs as far as Nomad's own search goes, and it says so", async () => {
    const old = {
      status: 400,
      text: "failed to create result paginator: failed to read filter expression: no match found",
    };
    const answer = await searchBehind("checkout", ({ searchParams }) =>
      searchParams.get("filter")?.includes("any TaskGroups") ? old : undefined,
    );
    expect(answer.text).toMatchInlineSnapshot(`
      ""checkout": 1 job and 1 job with it inside

      jobs
        job       namespace  type     state
        checkout  default    service  worker: starting again after failures

      jobs with it inside
        job       namespace  what
        checkout  default    image shop/checkout-api:5.2 and image shop/checkout-worker:5.2
      (inside jobs only the first 20 were looked at: this Nomad's filters cannot do more)"
    `);
  });

  test("nodes that the token may not see are not searched, and it says so", async () => {
    const answer = await searchBehind("client", ({ pathname }) => (pathname === "/v1/nodes" ? denied : undefined));
    expect(answer.text).toMatchInlineSnapshot(`
      "Nothing found for "client" in any namespace.
      (could not be searched: nodes)"
    `);
  });

  test("a token that may see nothing", async () => {
    const answer = await searchBehind("web", () => denied);
    expect([answer.isError, answer.text]).toEqual([true, expect.stringContaining("Permission denied")]);
  });
});
