import { describe, expect, test } from "vitest";
import { z } from "zod";
import { asMeant } from "../../src/mcp/arguments.ts";

const shape = {
  name: z.string().optional(),
  count: z.int().default(1),
  force: z.boolean().default(false),
  ports: z.array(z.object({ Label: z.string() })).optional(),
  env: z.record(z.string(), z.string()).optional(),
};

describe("what models send for what they mean", () => {
  test.each([
    ["a number as text", { count: "3" }, { count: 3 }],
    ["a negative one", { count: "-3" }, { count: -3 }],
    ["a fraction, for the schema to refuse", { count: "1.5" }, { count: 1.5 }],
    ["false as text, which is not true", { force: "false" }, { force: false }],
    ["True", { force: "True" }, { force: true }],
    ["null for nothing", { name: null, count: null }, {}],
    ['"" for nothing', { name: "", count: "" }, {}],
    ["a list as its JSON", { ports: '[{"Label":"http"}]' }, { ports: [{ Label: "http" }] }],
    ["a map as its JSON", { env: '{"A":"b"}' }, { env: { A: "b" } }],
    ["digits where text is wanted", { name: "3" }, { name: "3" }],
    ["a number where text is wanted", { name: 3 }, { name: "3" }],
  ])("%s", (_, sent, meant) => {
    expect(asMeant(shape, sent)).toEqual(meant);
  });

  test.each([
    ["words for a number", { count: "three" }],
    ["a number that no double holds", { count: "12345678901234567890" }],
    ["hexadecimal", { count: "0x10" }],
    ["yes for a boolean", { force: "yes" }],
    ["JSON that is none", { ports: "[http]" }],
    ["a name that the tool does not have", { foo: "3" }],
  ])("%s stays as it is, for the schema to judge", (_, sent) => {
    expect(asMeant(shape, sent)).toEqual(sent);
  });

  test("a list in place of arguments is not taken apart", () => {
    expect(asMeant(shape, ["web"])).toEqual({ arguments: ["web"] });
  });
});
