import { expect, test } from "vitest";
import { readMoment } from "../../src/text/moment.ts";

const now = Date.UTC(2026, 10, 20, 19, 49, 12);
const at = (text: string) => {
  const ms = readMoment(text, now);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

test.each([
  ["20m", "2026-11-20T19:29:12.000Z"],
  ["1h30m", "2026-11-20T18:19:12.000Z"],
  ["1h 30m ago", "2026-11-20T18:19:12.000Z"],
  ["1.5h", "2026-11-20T18:19:12.000Z"],
  ["90s", "2026-11-20T19:47:42.000Z"],
  ["2D", "2026-11-18T19:49:12.000Z"],
  ["now", "2026-11-20T19:49:12.000Z"],
  ["2026-11-20T19:00:00Z", "2026-11-20T19:00:00.000Z"],
  ["2026-11-20T19:00:00+02:00", "2026-11-20T17:00:00.000Z"],
  ["2026-11-20 19:00", "2026-11-20T19:00:00.000Z"],
  ["2026-11-20", "2026-11-20T00:00:00.000Z"],
  ["19:40", "2026-11-20T19:40:00.000Z"],
  // It is not so late yet: that was yesterday.
  ["19:50:01", "2026-11-19T19:50:01.000Z"],
])("%s", (text, moment) => {
  expect(at(text)).toBe(moment);
});

test.each(["", "yesterday", "20", "m", "-5m", "2026-13-45", "25:61", "99:99", "5m later"])("%j is none", (text) => {
  expect(at(text)).toBeUndefined();
});
