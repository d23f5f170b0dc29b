import { expect, test } from "vitest";
import { table } from "../../src/text/table.ts";

test("columns as wide as their longest cell, two spaces apart, no trailing spaces", () => {
  const text = table(
    ["job", "state", "note"],
    [
      ["web", "running", ""],
      ["a-long-name", "dead", "x"],
    ],
  );
  expect(text).toMatchInlineSnapshot(`
    "job          state    note
    web          running
    a-long-name  dead     x"
  `);
  for (const line of text.split("\n")) expect(line).toBe(line.trimEnd());
});

test("a column that is empty in every row is left out, its heading too", () => {
  expect(table(["job", "node", "n"], [["web", "", 0]])).toBe("job  n\nweb  0");
});

test("a short row", () => {
  expect(table(["a", "b"], [["1"], ["1", "2"]])).toBe("a  b\n1\n1  2");
});
