import { expect, test } from "vitest";
import { ago, fromGoTime, fromNanoseconds, iso, span } from "../../src/text/time.ts";

const s = 1_000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

test.each([
  [0, "<1s"],
  [499, "<1s"],
  [500, "1s"],
  [14 * s, "14s"],
  [59.6 * s, "1m"],
  [90 * s, "1m30s"],
  [3 * m, "3m"],
  [12 * m + 40 * s, "12m"],
  [80 * m, "1h20m"],
  [h + 5 * s, "1h"],
  [23 * h + 59 * m, "23h"],
  [52 * h, "2d4h"],
  [400 * d, "400d"],
  [-5 * s, "<1s"],
])("a span of %i ms: %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});

test("ages, also of what another clock says is still to come", () => {
  expect(ago(0, 12 * m)).toBe("12m ago");
  expect(ago(0, 999)).toBe("just now");
  expect(ago(5 * s, 0)).toBe("just now");
});

test("Nomad's times: 0, null and the year 1 mean not set", () => {
  expect(fromNanoseconds(1_795_204_141_841_723_400)).toBeCloseTo(1795204141841.7234);
  expect(fromNanoseconds(0)).toBeUndefined();
  expect(fromNanoseconds(undefined)).toBeUndefined();
  expect(fromGoTime("0001-01-01T00:00:00Z")).toBeUndefined();
  expect(fromGoTime(null)).toBeUndefined();
  expect(fromGoTime("soon")).toBeUndefined();
});

test("Go trims trailing zeros and has nanoseconds", () => {
  const whole = Date.parse("2026-11-20T19:49:12Z");
  expect(fromGoTime("2026-11-20T19:49:12Z")).toBe(whole);
  expect(fromGoTime("2026-11-20T19:49:12.35026539Z")).toBe(whole + 350);
  expect(fromGoTime("2026-11-20T20:49:12.3+01:00")).toBe(whole + 300);
});

test("absolute times are to the second, in UTC", () => {
  expect(iso(Date.parse("2026-11-20T20:49:12.999+01:00"))).toBe("2026-11-20T19:49:12Z");
});
