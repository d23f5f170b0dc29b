import { describe, expect, test } from "vitest";
import type { Shape } from "../../src/endpoints/schema.ts";
import { Misshapen, shaped } from "../../src/endpoints/shaped.ts";

const shape: Shape = {
  fields: {
    ID: "id",
    Name: "text",
    Count: "number",
    Stop: "flag",
    Tags: { list: "text" },
    Parts: { maybe: { list: { fields: { Size: "number" } } } },
    Groups: { map: { fields: { Size: "number" } } },
    Meta: "anything",
    Status: { words: ["running", "dead"] },
    Pool: { optional: "text" },
    Limits: { optional: { maybe: { list: "text" } } },
    Diff: { maybe: { later: () => ({ list: "number" }) } },
  },
};

describe("a reply in its shape", () => {
  test("what is missing or null has its zero value, what may be so stays so, what is not known stays", () => {
    expect(shaped(shape, { ID: "x", Stop: null, Parts: null, New: [1] })).toEqual({
      ...{ ID: "x", Name: "", Count: 0, Stop: false, Tags: [], Parts: null, Groups: {}, New: [1] },
      ...{ Status: "", Diff: null },
    });
    expect(shaped(shape, { ID: "x", Status: "paused", Limits: null, Diff: null })).toMatchObject({
      ...{ Parts: null, Status: "paused", Limits: null, Diff: null },
    });
    expect(shaped(shape, { ID: "x", Parts: [null, {}], Groups: { a: null, b: {} } })).toMatchObject({
      Parts: [{ Size: 0 }],
      Groups: { b: { Size: 0 } },
    });
  });

  test.each<[unknown, string]>([
    [{ ID: "x", Parts: [{ Size: "big" }] }, "Parts[0].Size is a text, not a number"],
    [{ ID: "x", Groups: [] }, "Groups is a list, not an object"],
    [{ ID: "x", Groups: { "a b": 1 } }, 'Groups["a b"] is a number, not an object'],
    [{ ID: "x", Status: 1 }, "Status is a number, not a text"],
    [{ ID: "x", Pool: 1 }, "Pool is a number, not a text"],
    [{ ID: "x", Diff: ["a"] }, "Diff[0] is a text, not a number"],
    [{ ID: "x", Tags: {} }, "Tags is an object, not a list"],
    [{ Name: "x" }, "ID is nothing, not an id"],
    [{ status: "ok" }, "none of the object's fields is there"],
    [null, "the whole is null, not an object"],
    [[], "the whole is a list, not an object"],
  ])("%j: %s", (reply, says) => {
    expect(() => shaped(shape, reply)).toThrow(new Misshapen(says));
  });

  test("a key of a map may be any text", () => {
    const reply: unknown = JSON.parse('{"ID":"x","Groups":{"__proto__":{"Size":1}}}');
    expect(JSON.stringify(shaped(shape, reply))).toContain('"__proto__":{"Size":1}');
  });
});
