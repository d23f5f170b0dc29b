import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type ClientCapabilities,
  type ElicitRequest,
  ElicitRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createConsents, holdTo, plainPreview } from "../../src/mcp/confirm.ts";
import { createCodes } from "../../src/mcp/consent-codes.ts";
import { elicitation } from "../../src/mcp/elicit.ts";
import { Refused } from "../../src/mcp/refused.ts";

afterEach(() => void vi.useRealTimers());

type Reply = { action: "accept" | "decline" | "cancel"; content?: { confirm: boolean } };

interface Asking {
  /** What the person says to the question; without it the host cannot ask. */
  readonly person?: (params: ElicitRequest["params"], signal: AbortSignal) => Reply | Promise<Reply>;
  /** What the host declares that it can do. */
  readonly declares?: ClientCapabilities;
  now?(): number;
}

/** A server with one destructive tool, and a host connected to it over memory. */
async function host({ person, declares = person ? { elicitation: {} } : {}, now }: Asking = {}) {
  const state = { index: 12 };
  const done: unknown[] = [];
  const consents = createConsents(createCodes({ ...(now && { now }) }));
  const server = new Server({ name: "server", version: "0" }, { capabilities: { tools: {} } });
  // As the toolbox does it.
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { confirm, ...args } = params.arguments ?? {};
    try {
      const preview = async () => ({ text: `Stop ${args.job_id}, token s3cr3t`, stamp: String(state.index) });
      const consent = await consents.obtain({
        ...{ tool: params.name, args, signal: extra.signal, elicit: elicitation(server, extra), preview },
        code: typeof confirm === "string" ? confirm : undefined,
        mask: (text) => text.replaceAll("s3cr3t", "[masked]"),
      });
      if ("question" in consent) return { content: [{ type: "text", text: consent.question }] };
      await holdTo(consent.stamp, preview)();
      done.push(args);
      return { content: [{ type: "text", text: "done" }] };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { content: [{ type: "text", text: error.message }], isError: true };
    }
  });
  const client = new Client({ name: "host", version: "0" }, { capabilities: declares });
  if (person) client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => person(params, signal));
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  const call = async (args: Record<string, unknown>, name = "stop_job", signal?: AbortSignal): Promise<string> => {
    // Longer than anybody is asked.
    const options = { timeout: 10 * 60_000, ...(signal && { signal }) };
    const { content } = await client.callTool({ name, arguments: args }, undefined, options);
    return Array.isArray(content) ? String(content[0]?.text) : "";
  };
  return { call, done, state };
}

const codeIn = (answer: string) => /confirm=(\w+) /.exec(answer)?.[1] ?? "none";

describe("a host that can ask", () => {
  test("shows its person what will happen, and only what may be seen, and their yes is enough", async () => {
    const person = vi.fn((): Reply => ({ action: "accept", content: { confirm: true } }));
    const { call, done } = await host({ person });
    expect(await call({ job_id: "web" })).toBe("done");
    expect(done).toEqual([{ job_id: "web" }]);
    expect(person.mock.calls.map((args: unknown[]) => args[0])).toMatchInlineSnapshot(`
      [
        {
          "message": "Stop web, token [masked]

      Do this?",
          "requestedSchema": {
            "properties": {
              "confirm": {
                "default": false,
                "title": "Do this",
                "type": "boolean",
              },
            },
            "required": [
              "confirm",
            ],
            "type": "object",
          },
        },
      ]
    `);
  });

  test.each<[string, Reply, string]>([
    ["no", { action: "decline" }, "The person said no."],
    ["nothing that is a yes", { action: "accept", content: { confirm: false } }, "The person said no."],
    ["nothing at all", { action: "accept" }, "The person said no."],
    ["nothing, and closes the question", { action: "cancel" }, "The person closed the question without an answer."],
  ])("whose person says %s: nothing is done", async (_, reply, sentence) => {
    const { call, done } = await host({ person: () => reply });
    expect(await call({ job_id: "web" })).toContain(sentence);
    expect(done).toEqual([]);
  });

  test("whose person is not there: nothing is done after five minutes", async () => {
    const { call, done } = await host({ person: () => new Promise(() => {}) });
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const answer = call({ job_id: "web" });
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
    expect(await answer).toBe("Nobody answered the question within 5 minutes. Nothing was changed.");
    expect(done).toEqual([]);
  });

  test("is not asked twice: what changed while the person thought is refused", async () => {
    const person = vi.fn((): Reply => {
      given.state.index++;
      return { action: "accept", content: { confirm: true } };
    });
    const given = await host({ person });
    expect(await given.call({ job_id: "web" })).toMatchInlineSnapshot(
      `"What the call is about has changed since the person was asked. Nothing was changed by this call: call again to ask about it as it is now."`,
    );
    expect(given.done).toEqual([]);
    expect(person).toHaveBeenCalledTimes(1);
  });

  test("and cancels the call meanwhile: nothing is done", async () => {
    const cancel = new AbortController();
    const { call, done } = await host({
      person: async () => {
        cancel.abort();
        return { action: "accept", content: { confirm: true } };
      },
    });
    await expect(call({ job_id: "web" }, "stop_job", cancel.signal)).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
  });

  test("but fails to: the way with the code", async () => {
    const person = () => Promise.reject(new Error("no window"));
    const { call, done } = await host({ person });
    const code = codeIn(await call({ job_id: "web" }));
    expect(await call({ job_id: "web", confirm: code })).toBe("done");
    expect(done.length).toBe(1);
  });

  test("is asked even where a code comes that was never given", async () => {
    const { call, done } = await host({ person: () => ({ action: "decline" }) });
    expect(await call({ job_id: "web", confirm: "abcdef" })).toContain("The person said no.");
    expect(done).toEqual([]);
  });
});

describe("a host that cannot ask", () => {
  test.each([
    ["it declares nothing", {}],
    ["it shows only addresses", { elicitation: { url: {} } }],
  ])("%s: the first call tells what will happen, the second acts", async (_, declares) => {
    const { call, done } = await host({ declares });
    const first = await call({ job_id: "web" });
    expect(first.replace(codeIn(first), "<code>")).toMatchInlineSnapshot(`
      "Not done yet: stop_job needs the consent of the person.
      Stop web, token [masked]
      Show this to the person. If they agree, call stop_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
    `);
    expect(done).toEqual([]);
    expect(await call({ job_id: "web", confirm: codeIn(first) })).toBe("done");
    expect(done).toEqual([{ job_id: "web" }]);
  });

  test("a code holds once", async () => {
    const { call, done } = await host();
    const code = codeIn(await call({ job_id: "web" }));
    await call({ job_id: "web", confirm: code });
    expect(await call({ job_id: "web", confirm: code })).toMatch(/^That code was used already\. Nothing was changed/);
    expect(done.length).toBe(1);
  });

  test("a code that comes twice at the same time holds once", async () => {
    const { call, done } = await host();
    const code = codeIn(await call({ job_id: "web" }));
    await Promise.all(Array.from({ length: 20 }, () => call({ job_id: "web", confirm: code })));
    expect(done.length).toBe(1);
  });

  test("a code holds for five minutes", async () => {
    let now = 0;
    const { call, done } = await host({ now: () => now });
    const [early, late] = [codeIn(await call({ job_id: "a" })), codeIn(await call({ job_id: "b" }))];
    now = 5 * 60_000 - 1;
    expect(await call({ job_id: "a", confirm: early })).toBe("done");
    now = 5 * 60_000;
    expect(await call({ job_id: "b", confirm: late })).toMatch(/^That code is unknown or older than 5 minutes/);
    expect(done.length).toBe(1);
  });

  test("a code holds for the same arguments, in whatever order and case it comes", async () => {
    const { call } = await host();
    const code = codeIn(await call({ job_id: "web", purge: true, ports: { b: 1, a: 2 } }));
    expect(await call({ ports: { a: 2, b: 1 }, confirm: ` ${code.toUpperCase()} `, purge: true, job_id: "web" })).toBe(
      "done",
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["job", { job_id: "db" }, "stop_job"],
    ["argument", { job_id: "web", purge: true }, "stop_job"],
    ["tool", { job_id: "web" }, "restart_job"],
  ])("a code does not hold for another %s", async (_, args, name) => {
    const { call, done } = await host();
    const code = codeIn(await call({ job_id: "web" }));
    expect(await call({ ...args, confirm: code }, name)).toMatch(/^That code was given for another call/);
    expect(done).toEqual([]);
  });

  test("a code does not hold once the job has changed; the answer shows it as it is now, with a new code", async () => {
    const { call, done, state } = await host();
    const code = codeIn(await call({ job_id: "web" }));
    state.index++;
    const answer = await call({ job_id: "web", confirm: code });
    expect(answer.replace(codeIn(answer), "<code>")).toMatchInlineSnapshot(`
      "What the call is about has changed since the code was given. Nothing was changed. It would do this now:
      Stop web, token [masked]
      Show this to the person. If they agree, call stop_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
    `);
    expect(done).toEqual([]);
    expect(await call({ job_id: "web", confirm: codeIn(answer) })).toBe("done");
  });

  test("200 calls at once: each has a code of its own, and the same call asked again another one", async () => {
    const { call, done } = await host();
    const ids = Array.from({ length: 200 }, (_, number) => `job-${number}`);
    const codes = await Promise.all(ids.map(async (job_id) => codeIn(await call({ job_id }))));
    codes.push(codeIn(await call({ job_id: "job-0" })));
    expect(new Set(codes).size).toBe(201);
    await Promise.all(ids.map((job_id, index) => call({ job_id, confirm: codes[index] })));
    expect(done).toEqual(ids.map((job_id) => ({ job_id })));
  });

  test("codes are short and easy to copy", async () => {
    const { call } = await host();
    expect(codeIn(await call({ job_id: "web" }))).toMatch(/^[a-hj-km-np-z2-9]{18}$/);
  });
});

test("a preview that fails is the answer: nobody is asked about what cannot be done", async () => {
  const elicit = vi.fn();
  const request = {
    ...{ tool: "stop_job", args: {}, elicit, mask: (text: string) => text, signal: new AbortController().signal },
    preview: () => Promise.reject(new Refused("There is no job web.")),
  };
  await expect(createConsents().obtain(request)).rejects.toThrow("There is no job web.");
  expect(elicit).not.toHaveBeenCalled();
});

test("an argument is one line of the question, whatever it holds", () => {
  const showing = { mask: (text: string) => text, digests: [] };
  const place = { cluster: "c", namespace: "n" };
  const forged = plainPreview({ name: "stop_job", title: "Stop" }, { job_id: "web\n  purge: false" }, place, showing);
  expect(forged.text.split("\n").length).toBe(2);
});

test("a tool without a preview of its own: its title, place and arguments, files as their digests", () => {
  const showing = {
    mask: (text: string, name: string) => (name === "token" ? "[masked]" : text),
    digests: ["job_file"],
  };
  const args = { job_id: "web", job_file: "job {}", env_vars: { token: "x", LEVEL: "info" }, count: 3 };
  const place = { cluster: "http://127.0.0.1:4646", namespace: "prod" };
  const preview = plainPreview({ name: "stop_job", title: "Stop a job" }, args, place, showing);
  expect(preview.text).toMatchInlineSnapshot(`
    "Stop a job (stop_job), namespace prod, cluster http://127.0.0.1:4646:
      job_id: "web"
      job_file: {"bytes":6,"sha256":"0098c77e7f6c64213e52037ff98ff625f17ad868352ff054a3944273a36559f1"}
      env_vars: {"token":"[masked]","LEVEL":"info"}
      count: 3"
  `);
  expect(preview.stamp).toBe("");
});
