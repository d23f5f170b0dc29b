import { describe, expect, test, vi } from "vitest";
import { type Completer, complete } from "../../src/mcp/completions.ts";

const { signal } = new AbortController();
const of =
  (values: string[], more = false): Completer =>
  async () => ({ values, more });

describe("suggestions", () => {
  test("what begins with what was typed comes first, its own case before the others, each once", async () => {
    const found = await complete(of(["my-web", "Web", "web-2", "web", "my-web"]), "web", {}, signal);
    expect(found.completion).toEqual({ values: ["web-2", "web", "Web", "my-web"], total: 4, hasMore: false });
  });

  test("at most a hundred, and that there are more", async () => {
    const many = Array.from({ length: 130 }, (_, index) => `job-${index}`);
    const { completion } = await complete(of(many), "", {}, signal);
    expect([completion.values.length, completion.hasMore, completion.total]).toEqual([100, true, undefined]);
    expect((await complete(of(["a"], true), "", {}, signal)).completion).toEqual({ values: ["a"], hasMore: true });
  });

  test("none where nothing can be found, whatever the reason", async () => {
    const none = { completion: { values: [], total: 0, hasMore: false } };
    const fails: Completer = async () => {
      throw new Error("unreachable");
    };
    expect(await complete(fails, "a", {}, signal)).toEqual(none);
    expect(await complete(undefined, "a", {}, signal)).toEqual(none);
    expect(await complete(of(["a"]), "a", {}, AbortSignal.abort())).toEqual(none);
  });

  test("none where the time is over, and the search is told", async () => {
    vi.useFakeTimers();
    const ended = new AbortController();
    // AbortSignal.timeout is not among the timers that are faked.
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      setTimeout(() => ended.abort(), ms);
      return ended.signal;
    });
    let told = false;
    const slow: Completer = (_, __, limit) => {
      limit.addEventListener("abort", () => {
        told = true;
      });
      return new Promise(() => {});
    };
    const found = complete(slow, "a", {}, signal);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await found).completion.values).toEqual([]);
    expect(told).toBe(true);
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
});
