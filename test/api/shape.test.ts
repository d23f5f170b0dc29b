import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shapedReply } from "../../src/api/reply-shapes.ts";
import { Misshapen, type Shape, shaped } from "../../src/api/shape.ts";
import { recorded } from "../support/recorded-state.ts";

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
  },
};

describe("a reply in its shape", () => {
  test("what is missing or null has its zero value, what may be so stays so, what is not known stays", () => {
    expect(shaped(shape, { ID: "x", Stop: null, Parts: null, New: [1] })).toEqual({
      ...{ ID: "x", Name: "", Count: 0, Stop: false, Tags: [], Parts: null, Groups: {}, New: [1] },
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

test("every reply that was recorded has its shape, and nothing of it is changed but what was missing or null", () => {
  const folder = new URL("../recorded/", import.meta.url);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".json")) continue;
    const { request, status, body } = recorded(file);
    if (status >= 300 || typeof body !== "object" || body === null) continue;
    const { pathname } = new URL(request.path, "http://x");
    const said: object = JSON.parse(JSON.stringify(body), (_, value: unknown) => value ?? undefined);
    expect(shapedReply(request.method, pathname, structuredClone(body)), file).toMatchObject(said);
  }
});
