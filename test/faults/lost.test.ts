import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { toolsets } from "../../src/tools/index.ts";
import { subjectOf } from "../gates/subjects.ts";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { acts } from "../support/raw/reach.ts";
import { sampleArguments } from "../support/sample-arguments.ts";
import { openSession } from "../support/session.ts";

// What changes something, where the answer to the change never comes, and where the host gives the call up meanwhile. A
// tool that is added later is held, too.

/** What goes over a websocket, which their own tests cut, and what changes nothing of Nomad's. */
const apart = ["exec_in_allocation", "run_job_action", "save_job_file"];
const changing = toolsets
  .flatMap(({ tools }) => tools.filter(({ risk }) => risk !== "read").map(({ name }) => name))
  .filter((name) => !apart.includes(name));
let definitions: readonly Tool[];
let session: DemoSession | undefined;

beforeAll(async () => {
  const listing = await openSession({ address: "http://127.0.0.1:9" });
  definitions = (await listing.client.listTools()).tools;
  await listing.close();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session?.close();
  session = undefined;
});

/** Has `meddle` stand between each change and its answer, and gives the changes that were sent. */
function watch(meddle: (send: () => Promise<Response>, signal: AbortSignal | null | undefined) => Promise<Response>) {
  const { fetch } = globalThis;
  const sent: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (!acts(init?.method ?? "GET", pathname)) return await fetch(input, init);
    sent.push(`${init?.method} ${pathname}`);
    return await meddle(() => fetch(input, init), init?.signal);
  });
  return sent;
}

/** Calls a tool about one object after the other, until it sends a change; `call` gives what the host gets. */
async function changes<T>(
  name: string,
  meddle: Parameters<typeof watch>[0],
  call: (args: Record<string, unknown>) => Promise<T>,
): Promise<{ readonly sent: readonly string[]; readonly result: T }> {
  const tool = definitions.find((each) => each.name === name);
  if (tool === undefined || session === undefined) throw new Error(`${name} is not listed`);
  const subject = subjectOf(tool);
  const objects = await subject.prepare(session);
  const inOrder = [...subject.candidates, ...subject.candidates];
  for (const [index, candidate] of inOrder.entries()) {
    const found = await objects.find(candidate, 0);
    const { args } = found;
    // The second time they are stopped, for what starts a job.
    if (subject.kind === "job" && index >= subject.candidates.length) {
      await session.nomad("DELETE", `/v1/job/${encodeURIComponent(found.name)}`);
      await session.clock.advance(5_000);
    }
    const sent = watch(meddle);
    const result = await call(sampleArguments(tool, { set: { rack: "r9" }, ...args, wait_seconds: 0 }));
    vi.restoreAllMocks();
    if (sent.length > 0) return { sent, result };
  }
  throw new Error(`no ${subject.kind} that ${name} changes`);
}

describe("the answer to the change is lost", () => {
  test.each(changing)("%s sends it once, says that it may have happened, and how to see", async (name) => {
    session = await demoSession();
    const lost = async (send: () => Promise<Response>) => {
      await send();
      throw new TypeError("fetch failed");
    };
    const { sent, result } = await changes(name, lost, async (args) => await session?.call(name, args));
    expect(sent).toHaveLength(1);
    // What only one call can have brought about is found by that, and followed.
    if (result?.isError !== false || !/ says how /.test(result.text)) {
      expect(result?.text).toMatch(/may have happened/);
      expect(result?.text).toMatch(/\nNext: |Look before you repeat it: /);
    }
  });
});

describe("the host gives the call up while the change is under way", () => {
  test.each(changing)("%s has sent it once, and sends nothing more", async (name) => {
    session = await demoSession();
    const host = new AbortController();
    // The change happens; what comes of it, nobody waits for any more.
    const givenUp = async (send: () => Promise<Response>, signal: AbortSignal | null | undefined) => {
      await send();
      host.abort("the person pressed stop");
      return await new Promise<Response>((_, reject) => {
        const end = () => reject(signal?.reason);
        if (signal?.aborted) end();
        else signal?.addEventListener("abort", end, { once: true });
      });
    };
    const { sent } = await changes(name, givenUp, async (args) => {
      const asked = { name, arguments: args };
      await session?.client.callTool(asked, undefined, { signal: host.signal }).catch(() => undefined);
      // What a call still does after its end, it does before the next one is answered.
      await session?.call("list_nomad_jobs");
    });
    expect(sent).toHaveLength(1);
  });
});
