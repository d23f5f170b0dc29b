import { expect, test } from "vitest";
import { all, bytes, grouped, lines, plural, short, some } from "../../src/text/words.ts";

test("counts", () => {
  expect(plural(1, "job")).toBe("1 job");
  expect(plural(0, "job")).toBe("0 jobs");
  expect(plural(1_500, "child", "children")).toBe("1,500 children");
  expect(grouped(64_000)).toBe("64,000");
  expect([0, 999, 1_000, -5, -1_000].map(grouped)).toEqual(["0", "999", "1,000", "-5", "-1,000"]);
});

test("lists", () => {
  expect(all([])).toBe("");
  expect(all(["a"])).toBe("a");
  expect(all(["a", "b"])).toBe("a and b");
  expect(all(["a", "b", "c"], "or")).toBe("a, b or c");
  expect(some(["a", "b"], 2)).toBe("a and b");
  expect(some(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
});

test.each([
  [1, "1 byte"],
  [1_023, "1,023 bytes"],
  [1_024, "1 KiB"],
  [1_536, "1.5 KiB"],
  [65_536, "64 KiB"],
  [1_258_291, "1.2 MiB"],
  [1024 ** 3, "1 GiB"],
  // What rounds up to the next unit is said in it.
  [1_048_575, "1 MiB"],
])("%i bytes: %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test("ids and lines", () => {
  expect(short("9330ddf8-3302-6f90-b303-a9706b45023a")).toBe("9330ddf8");
  expect(lines("a", undefined, "", false, "b")).toBe("a\nb");
});
