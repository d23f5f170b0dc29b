import { expect, test } from "vitest";
import type { Moment } from "../../../../src/nomad/jobs/diagnose/moments.ts";
import { timelineLines } from "../../../../src/nomad/jobs/diagnose/timeline.ts";

const now = Date.UTC(2026, 10, 20, 23, 30);
const ago = (minutes: number) => now - minutes * 60_000;
const landmark = (minutes: number, text: string): Moment => ({ at: ago(minutes), kind: "landmark", text });
const of =
  (kind: "failure" | "restart" | "reschedule" | "note", what = "") =>
  (minutes: number, who = "api[0]", count = 1): Moment => ({
    at: ago(minutes),
    ...{ kind, subject: "api/server", who, what, count },
  });
const failure = of("failure", "server exits with code 1");
const restart = of("restart");

test("what repeats between two landmarks is one line, with how often and from when to when", () => {
  const moments = [
    ...[29, 27, 25, 23, 21].flatMap((minutes) => [failure(minutes), restart(minutes)]),
    landmark(31, "version 4 submitted"),
  ];
  expect(timelineLines(moments, now, undefined)).toEqual([
    "22:59  version 4 submitted",
    "23:01-23:09  api[0]: server exits with code 1 (5 times)",
  ]);
});

test("a landmark divides it", () => {
  const moments = [failure(20), failure(19), landmark(15, "version 5 submitted"), failure(10)];
  expect(timelineLines(moments, now, undefined)).toEqual([
    "23:10-23:11  api[0]: server exits with code 1 (2 times)",
    "23:15  version 5 submitted",
    "23:20  api[0]: server exits with code 1",
  ]);
});

test("allocations that do the same are told together, three by name", () => {
  const moments = [0, 1, 2, 3, 4].map((index) => failure(5, `api[${index}]`));
  expect(timelineLines(moments, now, undefined)).toEqual([
    "23:25  api[0], api[1], api[2] and 2 more: server exits with code 1 (5 times)",
  ]);
});

test("what began before the memory of Nomad is not given a beginning", () => {
  const moments = [failure(3), restart(3), failure(2), restart(2), of("reschedule")(2)];
  expect(timelineLines(moments, now, ago(3))).toEqual([
    "until 23:28  api[0]: server exits with code 1 (2+ times, 1+ replacements)",
  ]);
});

test("one moment may stand for several", () => {
  expect(
    timelineLines([of("failure")(9, "api[0]", 12), failure(8), of("restart")(9, "api[0]", 12)], now, undefined),
  ).toEqual(["23:21-23:22  api[0]: server exits with code 1 (13 times)"]);
});

test("the last hour only, at most eight lines, the newest", () => {
  const moments = Array.from({ length: 70 }, (_, minutes) => landmark(minutes, `event ${minutes}`));
  const lines = timelineLines(moments, now, undefined);
  expect(lines).toHaveLength(9);
  expect(lines[0]).toBe("(52 earlier lines left out)");
  expect(lines.at(-1)).toBe("23:30  event 0");
});

test("what is said twice at a time is said once", () => {
  expect(
    timelineLines(
      [landmark(4, "client-2: heartbeat missed"), landmark(4, "client-2: heartbeat missed")],
      now,
      undefined,
    ),
  ).toEqual(["23:26  client-2: heartbeat missed"]);
});
