import { compileFilter } from "demo-cluster/filter.ts";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../src/api/errors/refusal.ts";
import { literal, queryText } from "../../../src/api/request/path.ts";
import { addressed } from "../../../src/endpoints/address.ts";
import { jobs } from "../../../src/endpoints/jobs.ts";

const summary = (id: string) => addressed(jobs.summary, { job_id: id }).path;

describe("a path", () => {
  test.each([
    ["web", "/v1/job/web/summary"],
    ["nightly/periodic-1795204142", "/v1/job/nightly%2Fperiodic-1795204142/summary"],
    ["a?b=c#d", "/v1/job/a%3Fb%3Dc%23d/summary"],
    ["a b", "/v1/job/a%20b/summary"],
    ["100%", "/v1/job/100%25/summary"],
    ["jöb", "/v1/job/j%C3%B6b/summary"],
    ["../../acl/tokens", "/v1/job/..%2F..%2Facl%2Ftokens/summary"],
    ["%2e%2e", "/v1/job/%252e%252e/summary"],
    ["\ud800", "/v1/job/%EF%BF%BD/summary"],
  ])("%j arrives as it is", (id, built) => {
    expect(summary(id)).toBe(built);
    // A URL parser leaves it alone, so that it reaches the route it was meant for.
    expect(new URL(built, "http://nomad.test").pathname).toBe(built);
  });

  test.each(["", ".", ".."])("%j is refused: a URL parser would resolve it away", (id) => {
    expect(() => summary(id)).toThrow(Refusal);
  });
});

describe("a query", () => {
  test.each([
    ["nothing", {}, ""],
    ["what is undefined is left out", { region: undefined, prefix: "web" }, "?prefix=web"],
    ["what is empty or false is sent", { prefix: "", stale: false, index: 0 }, "?prefix=&stale=false&index=0"],
    ["a list is repeated", { topic: ["Job:web", "Node"] }, "?topic=Job%3Aweb&topic=Node"],
  ])("%s", (_, query, text) => {
    expect(queryText(query)).toBe(text);
  });

  test.each(["a b", "a+b", "a&b=c", "100%", 'ID == `x` and "y"', "naïve 東京 💥", "#/?"])(
    "%j arrives as it is",
    (text) => {
      expect(new URL(`http://nomad/v1/jobs${queryText({ filter: text })}`).searchParams.get("filter")).toBe(text);
    },
  );
});

describe("a literal of a filter", () => {
  test.each(["web", 'say "hi"', "a`b", 'a`b"c\\d', 'x" or Status == "dead', "two\nlines`", "$x", "\\", ""])(
    "%j is compared as it is",
    (text) => {
      const passes = compileFilter(`ID == ${literal(text)} and Stop == false`);
      expect(passes({ ID: text, Stop: false, Status: "dead" })).toBe(true);
      expect(passes({ ID: `${text}x`, Stop: false, Status: "dead" })).toBe(false);
    },
  );
});
