import { createServer } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import { plausible, replyOf } from "./fuzz/support.ts";
import { listening } from "./support/authority.ts";
import { recordedState } from "./support/recorded-state.ts";
import { openSession } from "./support/session.ts";

// Many calls at once, and many one after the other.

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const end of ends.reverse()) await end();
  ends = [];
});

/** So many requests may be open towards a cluster. */
const places = 32;
const state = recordedState("web");

/** A Nomad that answers a request once `answers` says so; it counts those that are open. */
async function slowNomad(answers: (respond: () => void) => void) {
  const seen = { open: 0, most: 0, arrived: 0 };
  let changed = () => {};
  const server = createServer((request, response) => {
    const { status, headers, text } = replyOf(state, request.method ?? "", request.url ?? "/");
    let counts = true;
    const leave = () => {
      if (counts) seen.open--;
      counts = false;
      changed();
    };
    seen.arrived++;
    seen.most = Math.max(seen.most, ++seen.open);
    changed();
    response.on("close", leave);
    answers(() => {
      leave();
      response.writeHead(status, headers).end(text);
    });
  });
  const { port, stop } = await listening(server, () => server.closeAllConnections());
  const session = await openSession({ address: `http://127.0.0.1:${port}` });
  ends.push(stop, session.close);
  return {
    session,
    seen,
    async until(is: (now: typeof seen) => boolean): Promise<void> {
      while (!is(seen)) await new Promise<void>((resolve) => (changed = resolve));
    },
  };
}

test("200 calls at once: all are answered, and never are more than 32 requests open", { timeout: 60_000 }, async () => {
  // Slow: nobody is answered before all places are taken, or nobody comes any more.
  let pending: (() => void)[] = [];
  const release = () => {
    const ready = pending;
    pending = [];
    for (const respond of ready) respond();
  };
  let quiet: NodeJS.Timeout | undefined;
  const { session, seen } = await slowNomad((respond) => {
    pending = [...pending, respond];
    clearTimeout(quiet);
    if (pending.length === places) release();
    else quiet = setTimeout(release, 100);
  });
  const calls = Array.from({ length: 200 }, (_, index) =>
    index % 2 === 0 ? session.call("list_nomad_jobs") : session.call("get_job_status", { job_id: "web" }),
  );
  for (const { text, isError } of await Promise.all(calls)) {
    expect(text).toMatch(/^(web \(service|\d+ jobs)/);
    expect(isError).toBe(false);
  }
  expect(seen.most).toBe(places);
  expect(seen.open).toBe(0);
});

test("a call that is cancelled frees its place at once, and one that waits is never sent", async () => {
  const { session, seen, until } = await slowNomad(() => {});
  const cancels = Array.from({ length: places + 10 }, () => new AbortController());
  const calls = cancels.map(({ signal }) =>
    session.client.callTool({ name: "list_nomad_jobs", arguments: {} }, undefined, { signal }).catch(() => "cancelled"),
  );
  await until(({ open }) => open === places);
  // The last ones wait: cancelled, they leave the queue.
  for (const cancel of cancels.slice(-5)) cancel.abort();
  await Promise.all(calls.slice(-5));
  for (const cancel of cancels.slice(0, 5)) cancel.abort();
  await until(({ arrived, open }) => arrived === places + 5 && open === places);
  for (const cancel of cancels) cancel.abort();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["cancelled"]));
  await until(({ open }) => open === 0);
  expect(seen).toMatchObject({ most: places, arrived: places + 5 });
});

test("10,000 calls leave nothing behind", { timeout: 400_000 }, async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const nightly = recordedState("nightly");
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const { status, headers, text } = replyOf(
      nightly,
      init?.method ?? "GET",
      input instanceof Request ? input.url : String(input),
    );
    return new Response(text, { status, headers });
  });
  const session = await openSession({ address: "http://nomad.test:4646" });
  ends.push(session.close);
  const { tools } = await session.client.listTools();
  const reads = tools.filter(({ annotations }) => annotations?.readOnlyHint);

  const use = async (count: number) => {
    for (let done = 0; done < count; ) {
      const batch = Array.from({ length: 20 }, () => done++);
      await Promise.all(
        batch.map(async (index) => {
          // One in four asks Nomad for much, one in ten is cancelled, one in ten does not fit.
          const tool = index % 4 === 0 ? reads[(index / 4) % reads.length] : reads[0];
          if (tool === undefined) throw new Error("there is no tool that reads");
          const args = index % 10 === 3 ? { nonsense: 1 } : plausible(tool, nightly, index % 8 === 0);
          const cancel = new AbortController();
          const call = session.client.callTool({ name: tool.name, arguments: args }, undefined, {
            signal: cancel.signal,
          });
          if (index % 10 === 7) cancel.abort();
          await call.catch(() => {});
        }),
      );
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const early = await use(2_000);
  const late = await use(8_000);
  // What is kept of a call would be 8,000 times there.
  expect((late - early) / 8_000, "bytes a call").toBeLessThan(300);
});
