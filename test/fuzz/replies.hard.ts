import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openSession, type TestSession } from "../support/session.ts";
import { addressOf, type Change, fuzzServer, plausible, readText, runs, slips } from "./support.ts";

// Replies of Nomad with fields that are missing, null or of another type: an answer, or an error that says what is wrong.

/** A session with a Nomad of its own. */
interface Where {
  readonly job: string;
  readonly server: Awaited<ReturnType<typeof fuzzServer>>;
  readonly session: TestSession;
}

const opened: Where[] = [];
for (const job of ["crash-loop", "web", "too-big", "canary-waiting", "nightly"]) {
  const server = await fuzzServer(job);
  opened.push({ job, server, session: await openSession({ address: server.address }) });
}
const [first] = opened;
if (first === undefined) throw new Error("nothing is opened");
const { tools } = await first.session.client.listTools();
const { resourceTemplates } = await first.session.client.listResourceTemplates();

/** Everything that reads: each tool, and each kind of resource. Those that come later are among them by being there. */
const surfaces: readonly (readonly [string, (where: Where, more: boolean) => Promise<string>])[] = [
  ...tools.map((tool): [string, (where: Where, more: boolean) => Promise<string>] => [
    tool.name,
    async ({ server, session }, more) => (await session.call(tool.name, plausible(tool, server.state, more))).text,
  ]),
  ...resourceTemplates.map(({ uriTemplate }): [string, (where: Where) => Promise<string>] => [
    uriTemplate,
    ({ server, session }) => readText(session, addressOf(uriTemplate, server.state)),
  ]),
];
afterAll(async () => {
  for (const { server, session } of opened) {
    await session.close();
    await server.stop();
  }
});

const others = [
  null,
  undefined,
  0,
  -1,
  1e300,
  0.5,
  true,
  "",
  "x",
  "0001-01-01T00:00:00Z",
  [],
  [null],
  {},
  { a: null },
  [[]],
];
const mutation = fc.record({ routes: fc.nat({ max: 2 }), at: fc.nat(), other: fc.nat({ max: others.length - 1 }) });
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** Every place in a value: what holds it, and its key there. */
function places(value: unknown, found: [object, string][] = []): [object, string][] {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, held] of Object.entries(value)) {
    found.push([value, key]);
    places(held, found);
  }
  return found;
}

/** Each mutation meets the routes of one third, at a place that depends on nothing but the reply. */
const mutated =
  (mutations: readonly Mutation[]): Change =>
  (key, body) => {
    const root = { body };
    for (const { routes, at, other } of mutations) {
      if (key.length % 3 !== routes) continue;
      const all = places(root);
      const [holder, name] = all[at % all.length] ?? [root, "body"];
      if (others[other] === undefined) Reflect.deleteProperty(holder, name);
      else Reflect.set(holder, name, structuredClone(others[other]));
    }
    return root.body ?? null;
  };

describe.each(surfaces)("%s", (_, ask) => {
  test("answers, or says that the reply is not what Nomad sends", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: opened.length - 1 }),
        fc.boolean(),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (which, more, mutations) => {
          const where = opened[which] ?? first;
          where.server.become(mutated(mutations));
          const begun = performance.now();
          const text = await ask(where, more);
          expect(text).not.toMatch(slips);
          expect(text.trim()).not.toBe("");
          expect(performance.now() - begun).toBeLessThan(8_000);
        },
      ),
      runs(Number(process.env.FUZZ_RUNS ?? 25)),
    );
  });

  test("takes every list and map for empty where it is null", async () => {
    for (const where of opened) {
      where.server.become((_, body) => JSON.parse(JSON.stringify(body), (_, held) => (empties(held) ? null : held)));
      for (const more of [false, true]) {
        const text = await ask(where, more);
        expect(text).not.toMatch(slips);
      }
    }
  });

  test("says so where a reply is deeper than any of Nomad's", async () => {
    for (const where of opened) {
      where.server.become((_, body) => (Array.isArray(body) ? [...body, deep] : { ...Object(body), Deep: deep }));
      const text = await ask(where, true);
      expect(text).not.toMatch(slips);
    }
  });

  test("does without what an older or newer Nomad does not send, and with what it adds", async () => {
    for (const where of opened) {
      for (const keeps of [/^(ID|Name|JobID|Namespace|EvalID)$/, /[A-M]/, /[N-Z]/]) {
        where.server.become((_, body) => thinned(body, keeps));
        const text = await ask(where, true);
        expect(text).not.toMatch(slips);
      }
    }
  });
});

// What JSON.stringify can still write; what reads it walks it, too.
let deep: unknown = "end";
for (let level = 0; level < 3_000; level++) deep = level % 2 === 0 ? [deep] : { Deep: deep };

const empties = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length === 0;

function thinned(value: unknown, keeps: RegExp): unknown {
  if (Array.isArray(value)) return value.map((each) => thinned(each, keeps));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !/^[A-Z]/.test(key) || key === "ID" || keeps.test(key));
  return { ...Object.fromEntries(kept.map(([key, held]) => [key, thinned(held, keeps)])), FromTheFuture: { Is: [1] } };
}
