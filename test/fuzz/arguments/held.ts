import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { needsOf } from "../../support/raw/needs.ts";
import { openSession } from "../../support/session.ts";
import { shardOf } from "../../support/shards.ts";
import { fuzzServer, plausible, propertiesOf, runs, slips } from "../support.ts";

// Whatever a model sends as arguments: an answer or an error within seconds, of a readable size. Every tool that the
// session offers, also those that come later.

const server = await fuzzServer("crash-loop");
const session = await openSession({ address: server.address });
const { tools } = await session.client.listTools();

/**
 * So much time of the processor a call may take, client and server together, ms: a few times what it takes where nothing else
 * runs, since a full machine makes the same work dearer.
 */
const within = 3_000;

/** The answer, and what it took of the processor, ms. */
async function timed(name: string, args: Record<string, unknown>): Promise<{ text: string; took: number }> {
  const begun = process.cpuUsage();
  const { text } = await session.call(name, args);
  const { user, system } = process.cpuUsage(begun);
  return { text, took: (user + system) / 1000 };
}

/** The answer, which has to come in time, be of a readable size, and have no sign of a slip in it. */
async function answer(name: string, args: Record<string, unknown>): Promise<string> {
  let { text, took } = await timed(name, args);
  // Where others use the machine, the same work takes more of the processor, too: what is slow is slow every time.
  for (let again = 0; again < 2 && took > within; again++) ({ text, took } = await timed(name, args));
  expect(took).toBeLessThan(within);
  expect(text).not.toMatch(slips);
  expect(text.trim()).not.toBe("");
  expect(text.length).toBeLessThanOrEqual(40_000);
  return text;
}

/** Whether a parameter is a time that a call waits, which is none of this. */
const waits = (name: string) => name.endsWith("_seconds");

const strange = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    ".",
    "..",
    "*",
    "/",
    "%",
    "%2F",
    "a/b",
    "a?b#c",
    "`",
    '"',
    "\\",
    "\u0000",
    "\ud800",
    "é",
    "💥",
  ),
  fc.constantFrom("-1", "0", "1e9", "true", "null", "[]", "{}", "[1,", "__proto__", "constructor", "toString"),
  fc.constantFrom("$(id)", "'; drop table jobs; --", "../../etc/passwd", "\u202e\u001b[31m", "(a+)+$", "[", "(((("),
);
const anything = fc.oneof(
  strange,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(strange, { maxLength: 4 }),
  fc.dictionary(fc.string({ maxLength: 5 }), strange, { maxKeys: 4, noNullPrototype: true }),
);

/** Arguments of a tool: what fits the schema, what does not, and names that it does not have. */
function argumentsOf(tool: Tool) {
  const own = propertiesOf(tool).map(([name, { type, enum: values, minimum = 0 }]) => {
    const usual = plausible(tool, server.state, true)[name];
    const fitting = values
      ? fc.constantFrom(...values)
      : type === "boolean"
        ? fc.boolean()
        : fc.constant(usual ?? minimum);
    const any = waits(name)
      ? fc.constant(0)
      : fc.oneof(fitting, fitting, type === "string" ? strange : anything, anything);
    return [name, any] as const;
  });
  return fc
    .tuple(
      fc.record(Object.fromEntries(own), { requiredKeys: [] }),
      fc.dictionary(strange, anything, { maxKeys: 1, noNullPrototype: true }),
    )
    .map(([known, unknown]) => (Object.keys(known).length % 3 === 0 ? { ...unknown, ...known } : known))
    .map((args) =>
      propertiesOf(tool).some(([name]) => name === "wait_seconds") ? { ...args, wait_seconds: 0 } : args,
    );
}

const megabyte = 1_000_000;
const every = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String.fromCodePoint(from + index)).join("");
function nested(levels: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const huge: readonly unknown[] = [
  // a megabyte
  "x".repeat(megabyte),
  // a megabyte that is no name
  "${(".repeat(megabyte / 3),
  // a megabyte of spaces
  " ".repeat(megabyte),
  // a megabyte of open brackets
  "[".repeat(megabyte),
  // a megabyte of braces, quotes and line ends
  '{"a":\n'.repeat(megabyte / 6),
  // a megabyte of backslashes
  "\\".repeat(megabyte),
  // 100,000 elements
  Array.from({ length: 100_000 }, (_, index) => `x${index}`),
  // 100,000 elements as text
  JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ x: index }))),
  // 100,000 keys
  Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])),
  // lists in objects, 20,000 deep
  nested(20_000),
  // lists 100,000 deep, as text
  `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  // blocks 20,000 deep
  'job "x" { '.repeat(20_000),
  // every character below U+0300
  every(0, 0x300),
  // every mark, sign and half of a pair
  `${every(0x2000, 0x2100)}\ud800\udc00\udbff\ufffe`,
  // a number beyond all
  1e308,
];

/** Holds the tools of a shard to whatever may be sent as their arguments. */
export function holdArguments(shard: number): void {
  afterAll(async () => {
    await session.close();
    await server.stop();
  });

  describe.each(shardOf(tools, shard).map((tool) => [tool.name, tool] as const))("%s", (name, tool) => {
    test("strange arguments", { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(argumentsOf(tool), async (args) => {
          await answer(name, args);
        }),
        runs(Number(process.env.FUZZ_RUNS ?? 30)),
      );
    });

    test.each(propertiesOf(tool).map(([property]) => property))("a huge %s", { timeout: 60_000 }, async (property) => {
      const usual = plausible(tool, server.state);
      for (const value of huge) await answer(name, { ...usual, [property]: value });
    });

    test("a huge name, and a hundred thousand of them", async () => {
      await answer(name, { ["x".repeat(megabyte)]: 1 });
      await answer(name, Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])));
    });
  });

  test("a tool of a strange name is refused, shortly", async () => {
    for (const name of ["", "x".repeat(megabyte), "__proto__", "constructor", every(0, 0x300)]) {
      const { text, isError } = await session.call(name, {});
      expect(isError).toBe(true);
      expect(text.length).toBeLessThan(2_000);
    }
  });

  test("what is sent while all this goes on is a route whose capability is known, whatever the ids are", () => {
    const unknown = server.received.filter(({ method, path }) => needsOf(method, path) === undefined);
    expect([...new Set(unknown.map(({ method, path }) => `${method} ${path}`))]).toEqual([]);
  });
}
