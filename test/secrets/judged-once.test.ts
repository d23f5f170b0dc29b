import { expect, test } from "vitest";
import { judgedOnce } from "../../src/secrets/judged-once.ts";

function counted() {
  const asked: string[] = [];
  const judge = judgedOnce((name) => {
    asked.push(name);
    return name.startsWith("a") ? name.length : undefined;
  });
  return { asked, judge };
}

test("a name is judged once, also where the judgement is undefined", () => {
  const { asked, judge } = counted();
  expect([judge("abc"), judge("xyz"), judge("abc"), judge("xyz")]).toEqual([3, undefined, 3, undefined]);
  expect(asked).toEqual(["abc", "xyz"]);
});

test("a long one is judged each time, and not kept", () => {
  const { asked, judge } = counted();
  const long = "a".repeat(129);
  expect([judge(long), judge(long)]).toEqual([129, 129]);
  expect(asked).toEqual([long, long]);
});

test("of more names than there is room for each is judged as it should be", () => {
  const { judge } = counted();
  const names = Array.from({ length: 12_000 }, (_, number) => `a${number}`);
  for (const name of [...names, ...names]) expect(judge(name)).toBe(name.length);
});
