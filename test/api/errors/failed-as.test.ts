import { expect, test } from "vitest";
import { type FailedRequest, NomadError, type NomadErrorKind } from "../../../src/api/errors/errors.ts";
import { failedAs } from "../../../src/api/errors/failed-as.ts";
import { Refusal } from "../../../src/api/errors/refusal.ts";

const read: FailedRequest = { address: "http://nomad.test", method: "GET", path: "/v1/jobs", acts: false };
const failed = (kind: NomadErrorKind, request = read) => failedAs(new NomadError(kind, request, ""));

test("whose turn it is after an error", () => {
  expect(failedAs(new Refusal("There is no job web."))).toBe("refused");
  expect(failed("not_found")).toBe("rejected");
  expect(failed("validation")).toBe("rejected");
  expect(failed("unreachable")).toBe("failed");
  expect(failed("bad_token")).toBe("failed");
  expect(failed("timeout")).toBe("timeout");
  expect(failedAs(new TypeError("x is undefined"))).toBe("mistake");
});

test("a change that may have happened was not rejected", () => {
  expect(failed("too_large", { ...read, method: "PUT", acts: true })).toBe("failed");
});
