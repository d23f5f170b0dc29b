import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { asking, askModern, type ModernReply, modernRequest } from "../../support/modern.ts";
import { type NetworkServer, team } from "../../support/network-server.ts";
import { acts } from "../../support/raw/reach.ts";

// Consent in protocol revision 2026-07-28: a call ends with the question, and a second one brings what the person said.

const accepted = { action: "accept", content: { confirm: true } };

async function asked() {
  const { start, demo, clock, folder, ...others } = await team({
    settings: 'confirm = "ask"\n',
    people: { anna: "", bert: "" },
  });
  const path = `${folder.path}/audit.log`;
  const replica = () => start(`--audit-log=${path}`);
  const server = await replica();
  const changes = () => demo.requests.filter(({ method, path: route }) => acts(method, route)).length;
  const before = changes();
  return {
    ...{ server, replica, demo, ...others },
    changed: () => changes() > before,
    audit: () =>
      readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    /** Stops a job, with what else the call brings, and lets time pass meanwhile. */
    async stop(more: Record<string, unknown> = {}, { at = server, who = "anna", job_id = "web", said = asking } = {}) {
      const params = { name: "stop_job", arguments: { job_id }, ...more };
      const reply = reading(at, who, modernRequest("tools/call", params, said));
      await clock.advance(20_000);
      return await reply;
    },
  };
}

async function reading(
  server: NetworkServer,
  who: string,
  request: ReturnType<typeof modernRequest>,
): Promise<ModernReply> {
  const messages = await (await askModern(server, who, request)).read();
  const last = messages.at(-1);
  if (last === undefined) throw new Error("there is no reply");
  return last;
}

const textOf = ({ result }: ModernReply) => result?.content?.map(({ text }) => text).join("\n");

describe("the question", () => {
  test("ends the call, with a form and a state, and nothing was sent", async () => {
    const { stop, changed, audit } = await asked();
    const { result } = await stop();
    expect(result).toEqual({
      resultType: "input_required",
      inputRequests: {
        consent: {
          method: "elicitation/create",
          params: {
            mode: "form",
            message: expect.stringMatching(/^Stop web\n {2}job: web \(service, version 0\)\n(.|\n)*\n\nDo this\?$/),
            requestedSchema: {
              type: "object",
              properties: { confirm: { type: "boolean", title: "Do this", default: false } },
              required: ["confirm"],
            },
          },
        },
      },
      requestState: expect.stringMatching(/^[a-z0-9]{18}$/),
      _meta: expect.anything(),
    });
    expect(changed()).toBe(false);
    expect(audit().at(-1)).toMatchObject({
      ...{ outcome: "refused", reason: "Not done yet: the host asks the person.", principal: "anna" },
      host: { name: "host", version: "3" },
    });
  });

  test.each([
    ["of nothing", {}],
    ["of addresses alone", { elicitation: { url: {} } }],
  ])("is a text with a code for a client that is capable %s", async (_, capabilities) => {
    const { stop, changed } = await asked();
    const said = { "io.modelcontextprotocol/clientCapabilities": capabilities };
    const reply = await stop({}, { said } as never);
    expect(reply.result?.resultType).toBe("complete");
    expect(textOf(reply)).toMatch(/call stop_job again with the same arguments and confirm=\w+/);
    expect(changed()).toBe(false);
  });
});

describe("the answer", () => {
  test("yes, with the state: it is done, on another replica as well", async () => {
    const { stop, replica, changed, audit } = await asked();
    const { result } = await stop();
    const { requestState } = result ?? {};
    const reply = await stop({ inputResponses: { consent: accepted }, requestState }, { at: await replica() });
    expect(textOf(reply)).toMatch(/^web stopped/);
    expect(reply.result?.resultType).toBe("complete");
    expect(changed()).toBe(true);
    expect(audit().at(-1)).toMatchObject({ outcome: "ok", host: { name: "host", version: "3" } });
  });

  test.each([
    ["no", { action: "decline" }, "The person said no."],
    ["accepted and not confirmed", { action: "accept", content: { confirm: false } }, "The person said no."],
    ["closed", { action: "cancel" }, "The person closed the question without an answer."],
  ])("%s: nothing is done", async (_, consent, text) => {
    const { stop, changed } = await asked();
    const { result } = await stop();
    const reply = await stop({ inputResponses: { consent }, requestState: result?.requestState });
    expect(reply.result?.isError).toBe(true);
    expect(textOf(reply)).toContain(text);
    expect(textOf(reply)).toContain("Nothing was changed.");
    expect(changed()).toBe(false);
  });

  test.each([
    ["under another name", { other: accepted }],
    ["that is none", { consent: { action: "perhaps" } }],
    ["that is left out", undefined],
  ])("%s: the person is asked again", async (_, inputResponses) => {
    const { stop, changed } = await asked();
    const { result } = await stop();
    const again = await stop({ requestState: result?.requestState, ...(inputResponses && { inputResponses }) });
    expect(again.result?.resultType).toBe("input_required");
    expect(changed()).toBe(false);
  });
});

test.each([
  ["answers that are no object", { inputResponses: 7 }, "tools/call: params.inputResponses must be an object."],
  ["a state that is no text", { requestState: {} }, "tools/call: params.requestState must be a text."],
])("%s are refused", async (_, more, message) => {
  const { stop, changed } = await asked();
  expect((await stop(more)).error).toEqual({ code: -32602, message });
  expect(changed()).toBe(false);
});

describe("a state does not hold", () => {
  const refusedWith = (reply: ModernReply, text: string) => {
    expect(reply.result?.isError).toBe(true);
    expect(textOf(reply)).toBe(`${text}. Nothing was changed. Call again to have the person asked anew.`);
  };
  const unknown = "The person's answer is to no question of this server, or came more than 5 minutes after it";
  const other = "The person's answer is to the question of another call: tool and arguments must be the same";
  const inputResponses = { consent: accepted };

  test.each([
    ["that is left out", undefined, unknown],
    ["that is none", "x".repeat(500), unknown],
    ["that ends at another time", (state: string) => flip(state, 2), unknown],
    ["that was changed in the part of the call", (state: string) => flip(state, 7), other],
    [
      "that was changed in its last letter",
      (state: string) => flip(state, 17),
      "What the call is about has changed since the person was asked",
    ],
  ])("%s", async (_, state, text) => {
    const { stop, changed } = await asked();
    const { result } = await stop();
    const requestState = typeof state === "function" ? state(result?.requestState ?? "") : state;
    refusedWith(await stop({ inputResponses, ...(requestState && { requestState }) }), text);
    expect(changed()).toBe(false);
  });

  test("for another caller, or other arguments", async () => {
    const { stop, changed } = await asked();
    const { requestState } = (await stop()).result ?? {};
    refusedWith(await stop({ inputResponses, requestState }, { who: "bert" }), other);
    refusedWith(await stop({ inputResponses, requestState }, { job_id: "cache" }), other);
    expect(changed()).toBe(false);
  });

  test("twice", async () => {
    const { stop, demo } = await asked();
    const { requestState } = (await stop()).result ?? {};
    expect(textOf(await stop({ inputResponses, requestState }))).toMatch(/^web stopped/);
    const sent = demo.requests.filter(({ method, path }) => acts(method, path)).length;
    expect((await stop({ inputResponses, requestState })).result?.isError).toBe(true);
    expect(demo.requests.filter(({ method, path }) => acts(method, path)).length).toBe(sent);
  });

  test("as the code that a text asks for, nor such a code as a state", async () => {
    const { stop, changed } = await asked();
    const { requestState } = (await stop()).result ?? {};
    const params = { arguments: { job_id: "web", confirm: requestState } };
    const none = { "io.modelcontextprotocol/clientCapabilities": {} };
    expect(textOf(await stop(params, { said: none } as never))).toContain("That code was given for another call");
    const code = /confirm=(\w+)/.exec(textOf(await stop({}, { said: none } as never)) ?? "")?.[1];
    refusedWith(await stop({ inputResponses, requestState: code }), other);
    expect(changed()).toBe(false);
  });
});

/** The same with another letter there. */
function flip(state: string, at: number): string {
  return `${state.slice(0, at)}${state[at] === "a" ? "b" : "a"}${state.slice(at + 1)}`;
}
