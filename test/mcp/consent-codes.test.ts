import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createCodes } from "../../src/mcp/consent-codes.ts";

const key = randomBytes(32);
const replica = (caller = "anna", keys = [key]) => createCodes({ caller, keys: () => keys });

test("the code of one replica holds on another that has the same key, and once there", () => {
  const code = replica().give("stop web", "12");
  const other = replica();
  expect(other.redeem(code, "stop web", "12")).toBeUndefined();
  expect(other.redeem(code, "stop web", "12")).toBe("used");
});

test("a code is for who was asked: another caller's does not hold, nor one of another key", () => {
  const code = replica("anna").give("stop web", "12");
  const said = "other call";
  expect(replica("ben").redeem(code, "stop web", "12")).toBe(said);
  expect(replica("anna", [randomBytes(32)]).redeem(code, "stop web", "12")).toBe(said);
});

test("what leaves no trace: the code of a replica holds with that one alone, and once", () => {
  const one = replica();
  const code = one.give("exec", "12", true);
  expect(replica().redeem(code, "exec", "12", true)).toBe("changed");
  expect(replica().redeem(code, "exec", "12")).toBe("changed");
  expect(one.redeem(code, "exec", "12", true)).toBeUndefined();
  expect(one.redeem(code, "exec", "12", true)).toBe("used");
});

test("a key is rotated without losing a consent: the old one still proves, the new one makes", () => {
  const code = replica().give("stop web", "12");
  const next = randomBytes(32);
  expect(replica("anna", [next, key]).redeem(code, "stop web", "12")).toBeUndefined();
  const fresh = replica("anna", [next, key]).give("stop web", "12");
  expect(replica("anna", [next]).redeem(fresh, "stop web", "12")).toBeUndefined();
});

test("a thousand guesses, each with the right time and call: none holds", () => {
  const codes = replica();
  const given = codes.give("stop web", "12");
  const guesses = Array.from({ length: 1_000 }, () => given.slice(0, 10) + codes.give("stop web", "13").slice(10));
  expect(guesses.filter((guess) => codes.redeem(guess, "stop web", "12") === undefined)).toEqual([]);
  expect(codes.redeem(given, "stop web", "12")).toBeUndefined();
});

test.each(["", "x", "abc", "a".repeat(18), "ß".repeat(18), "a".repeat(10_000), "\u0000".repeat(18)])(
  "what is no code is refused: %j",
  (code) => {
    expect(replica().redeem(code, "stop web", "12")).toMatch(/unknown|another call/);
  },
);
