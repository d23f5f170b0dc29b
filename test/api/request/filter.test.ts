import { describe, expect, test } from "vitest";
import { allOf, fieldsOf, fieldText, filterText, isFault, parseFilter } from "../../../src/api/request/filter.ts";
import { seal, unseal } from "../../../src/text/sealed.ts";

function tree(text: string) {
  const read = parseFilter(text);
  if (isFault(read)) throw new Error(read.fault);
  return read;
}

function fault(text: string): string {
  const read = parseFilter(text);
  return isFault(read) ? read.fault : `read as ${filterText(read)}`;
}

describe("what is read and written again", () => {
  test.each([
    ['Type == "service"', "Type == `service`"],
    ["Type==service", "Type == `service`"],
    ["Stop == true and Priority != -5", "Stop == `true` and Priority != `-5`"],
    ['ParentID == "" or Name is not empty', "ParentID == `` or Name is not empty"],
    ["a == 1 or b == 2 and c == 3", "a == `1` or b == `2` and c == `3`"],
    ["(a == 1 or b == 2) and c == 3", "(a == `1` or b == `2`) and c == `3`"],
    ["((a == 1))", "a == `1`"],
    ["not a == 1", "not a == `1`"],
    ["not not a == 1", "a == `1`"],
    ["not (a == 1 and b == 2)", "not (a == `1` and b == `2`)"],
    ['"dc1" in Datacenters', "Datacenters contains `dc1`"],
    ["`dc1` not in Datacenters", "Datacenters not contains `dc1`"],
    ['Name matches "^a\\\\.b"', "Name matches `^a\\.b`"],
    ["Name not matches `^a`", "Name not matches `^a`"],
    ['Meta["a b"] == "x"', "Meta[`a b`] == `x`"],
    ['"/TaskStates/server/Restarts" != 0', "TaskStates.server.Restarts != `0`"],
    ["Job.Version is nil", "Job.Version is nil"],
    ['ID == `a"b` or ID == "a`b"', 'ID == `a"b` or ID == "a`b"'],
    ["any TaskGroups as g { g.Name == x }", "(any TaskGroups as g { g.Name == `x` })"],
    [
      'a == 1 and (all Services as _, s { s.Name == "x" or s.Tags is empty })',
      "a == `1` and (all Services as _, s { s.Name == `x` or s.Tags is empty })",
    ],
    ["  a == 1\n", "a == `1`"],
    [seal("a == 1\nand\u00a0b\u3000==\r\n2\tor c\u2003is not\u00a0empty"), "a == `1` and b == `2` or c is not empty"],
  ])("%s", (text, written) => {
    expect(filterText(tree(text))).toBe(written);
    expect(tree(written)).toEqual(tree(text));
  });

  test("whatever stands in a value or a name stays in it", () => {
    const parts = ['x")) or ((ID == "x', "`", 'a`b"c\\', "\n", `\${x}`, "日本", ") or (", "\\x60 or"];
    for (const value of parts) {
      const filter = allOf(
        { kind: "compare", field: ["ID"], operator: "==", value },
        { kind: "test", field: ["Meta", value], operator: "is nil" },
      );
      expect(tree(unseal(filterText(filter)))).toEqual(filter);
    }
  });
});

test.each([
  ['ID matches "^h")) or ((ID == "x"', 'expected and, or, or the end at character 16, before ")) or ((ID == \\"x\\""'],
  ["ID ==", 'expected a value, such as "web" at its end'],
  [
    "ID",
    "expected one of ==, !=, contains, not contains, matches, not matches, is empty, is not empty, is nil, is not nil at its end",
  ],
  [
    "Status = x",
    'expected one of ==, !=, contains, not contains, matches, not matches, is empty, is not empty, is nil, is not nil at character 7, before " = x"',
  ],
  ["", "expected a field, a value or ( at its end"],
  ["(a == 1", "expected ) at its end"],
  ['a == "x', 'expected a value, such as "web" at character 6, before "\\"x"'],
  ['a == "\\q"', "\\q means nothing in a text"],
  [`${"(".repeat(20)}a == 1${")".repeat(20)}`, "it is nested too deep"],
])("%s is no filter, and it is said where", (text, why) => {
  expect(fault(text)).toBe(why);
});

test("what stands in quotes arrives as it was written: spaces, line ends and stand-ins of the caller's own", () => {
  // U+100060 stands in for a backquote, for whoever takes it for a seal.
  for (const value of ["x\u00a0y\n", "x\u{100060} or Meta.secret matches \u{100060}^a"]) {
    expect(unseal(filterText(tree(seal(`a == "${value}"`))))).toBe(`a == \`${value}\``);
  }
});

test("the fields that a filter looks at, also within any and all, and none of its values", () => {
  const text = "ID == Meta.secret and not (any TaskGroups as g { g.Env.X == 1 }) or `v` in Meta[`a b`]";
  expect(fieldsOf(tree(text)).map(fieldText)).toEqual(["ID", "TaskGroups", "Meta[`a b`]"]);
});

test("a long text is read in no time", () => {
  const begun = performance.now();
  parseFilter(`${"a ".repeat(2_000)}== 1`);
  parseFilter(`a == 1${" and a == 1".repeat(370)}`);
  parseFilter(`any ${"a".repeat(4_000)} as`);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
