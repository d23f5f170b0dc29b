import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { Refused } from "../../src/mcp/refused.ts";
import type { Call, Tool } from "../../src/mcp/tool.ts";
import { createToolbox } from "../../src/mcp/toolbox.ts";
import type { ToolboxOptions } from "../../src/mcp/toolbox-options.ts";
import { type Answer, answer } from "../../src/text/answer.ts";
import { seal } from "../../src/text/sealed.ts";
import { stepText } from "../../src/text/step.ts";

const shape = {
  job_id: z.string().min(1).max(1_024),
  count: z.int().min(0).max(10).default(1),
  force: z.boolean().default(false),
  ports: z.array(z.object({ Label: z.string() })).optional(),
};

/** A toolbox of one tool that reads and one that writes; both tell what they were called with. */
function toolbox(more: Partial<ToolboxOptions<Call>> = {}, tool: Partial<Tool<typeof shape, Call>> = {}) {
  const log: string[] = [];
  const run = async (args: unknown) => answer(JSON.stringify(args));
  const look: Tool<typeof shape, Call> = {
    name: "look",
    title: "Look",
    description: "Looks.",
    risk: "read",
    input: shape,
    run,
    ...tool,
  };
  const change: Tool<typeof shape, Call> = { ...look, name: "change", risk: "destructive", idempotent: true };
  const box = createToolbox<Call>({
    toolsets: [{ name: "all", description: "All.", tools: [look, change] }],
    gates: { readOnly: false },
    gateNames: {
      ...{ readOnly: "NOMAD_MCP_READ_ONLY", toolsets: "NOMAD_MCP_TOOLSETS" },
      ...{ enabledTools: "NOMAD_MCP_ENABLED_TOOLS", disabledTools: "NOMAD_MCP_DISABLED_TOOLS" },
    },
    confirm: "host",
    showing: { mask: (text) => text, digests: [] },
    view: () => ({ namespace: "default", cluster: undefined, address: "http://nomad.test" }),
    place: ({ namespace = "default" }) => ({ cluster: "here", namespace }),
    clusters: [],
    failedAs: () => "failed",
    open: (call) => call,
    explain: (error) => (error instanceof Error ? error.message : String(error)),
    masking: () => ({ note: () => {}, noteInTurns: async () => {}, mask: (text) => text }),
    log: (line) => void log.push(line),
    ...more,
  });
  const call = async (name: string, args: unknown, signal = new AbortController().signal) => {
    const { content, isError } = await box.call(name, args, { signal });
    const texts = content.map((block) => (block.type === "text" ? block.text : ""));
    return { text: texts.at(-1) ?? "", texts, isError: isError === true };
  };
  return { ...box, call, log };
}

describe("arguments", () => {
  test("as they were meant, with the defaults", async () => {
    const { text } = await toolbox().call("look", { job_id: "web", count: "3", force: "false", namespace: "prod" });
    expect(JSON.parse(text)).toEqual({ job_id: "web", count: 3, force: false, namespace: "prod" });
  });

  test("unknown, and near one that there is: that one, and the valid names", async () => {
    const { text, isError } = await toolbox().call("look", { job_id: "web", id: "x" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"look has no argument "id" (the nearest is job_id); it takes job_id, count, force, ports and namespace."`,
    );
  });

  test.each(["toolCallId", "constructor", "toString", "__proto__"])("of a host's own, %s: not read", async (name) => {
    const args = JSON.parse(`{"job_id":"web",${JSON.stringify(name)}:{"count":3}}`);
    const { text } = await toolbox().call("look", args);
    expect(JSON.parse(text)).toEqual({ job_id: "web", count: 1, force: false });
  });

  test("unknown, of a tool that changes something: refused", async () => {
    const { text, isError } = await toolbox().call("change", { job_id: "web", constructor: "x" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"change has no argument "constructor"; it takes job_id, count, force, ports and namespace."`,
    );
  });

  test("unknown, where one is missing: what was given is told, too", async () => {
    const { text, isError } = await toolbox().call("look", { workload: "web" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"look: job_id is missing; there is no argument "workload"."`);
  });

  test("too many of them are none of a host", async () => {
    const { isError } = await toolbox().call("look", Object.fromEntries([..."bcdefghijklmn"].map((key) => [key, 1])));
    expect(isError).toBe(true);
  });

  test("missing: its name", async () => {
    const { text, isError } = await toolbox().call("look", {});
    expect(isError).toBe(true);
    expect(text).toBe("look: job_id is missing.");
  });

  test("none at all", async () => {
    expect((await toolbox().call("look", undefined)).text).toBe("look: job_id is missing.");
  });

  test("wrong: the name, the path and what is expected", async () => {
    const { text } = await toolbox().call("look", { job_id: "web", count: 11, ports: [{ Label: 8080 }] });
    expect(text).toMatch(/^look: count: .*10.*; ports\.0\.Label: .*string/);
  });

  test("endless: refused before the tool sees it", async () => {
    const run = vi.fn(async () => answer(""));
    const { isError, text } = await toolbox({}, { run }).call("look", { job_id: "x".repeat(1_000_000) });
    expect(isError).toBe(true);
    expect(text.length).toBeLessThan(500);
    expect(run).not.toHaveBeenCalled();
  });

  test("more of them than any job has: refused before the tool sees them", async () => {
    const run = vi.fn(async () => answer("done"));
    const { call } = toolbox({}, { run });
    // Each port is an entry of the list, with one of its own; the name and the list are two more.
    const ports = Array.from({ length: 24_999 }, (_, at) => ({ Label: `p${at}` }));
    expect(await call("look", { job_id: "web", ports })).toMatchObject({ text: "done", isError: false });
    const { text, isError } = await call("look", { job_id: "web", ports: [...ports, { Label: "one more" }] });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"look: the arguments have more than 50,000 entries."`);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("nested deeper than any job is: refused before the tool sees them", async () => {
    const run = vi.fn(async () => answer(""));
    const deep = JSON.parse(`${"[".repeat(65)}${"]".repeat(65)}`);
    const { text, isError } = await toolbox({}, { run }).call("look", { job_id: "web", ports: deep });
    expect(isError).toBe(true);
    expect(text).toBe("look: the arguments are nested too deep.");
    expect(run).not.toHaveBeenCalled();
  });

  test("a list where an object belongs", async () => {
    expect((await toolbox().call("look", ["web"])).isError).toBe(true);
  });
});

describe("what is offered", () => {
  test("read-only hides what changes, and refuses it when it is called all the same", async () => {
    const { definitions, call } = toolbox({ gates: { readOnly: true } });
    expect(definitions.map(({ name }) => name)).toEqual(["look"]);
    const { text, isError } = await call("change", { job_id: "web" });
    expect(isError).toBe(true);
    expect(text).toContain("NOMAD_MCP_READ_ONLY");
  });

  test("an unknown tool is answered with those that there are", async () => {
    const { text, isError } = await toolbox().call("lok", {});
    expect(isError).toBe(true);
    expect(text).toBe('There is no tool "lok". The nearest is look. Offered: look and change.');
  });

  test("annotations derive from the risk", () => {
    const [look, change] = toolbox().definitions;
    expect(look?.annotations).toEqual({ title: "Look", readOnlyHint: true, openWorldHint: false });
    expect(change?.annotations).toEqual({
      title: "Look",
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    });
  });

  test("how long a text may be is checked and not told, since it would be paid for in every session", () => {
    expect(JSON.stringify(toolbox().definitions)).not.toMatch(/maxLength|minLength|\$schema/);
  });

  test("a step is told as the session can take it: the tool where it is offered, else the command", async () => {
    const step = (tool: string, namespace = "default") =>
      stepText({ tool: [tool, { job_id: "a" }], command: ["job thing", "a"], namespace });
    const steps = [step("look"), step("look", "prod"), step("change"), step("change", "prod")];
    const run = async () => answer(steps.join("; "));
    const box = toolbox({ gates: { readOnly: true } }, { run });
    expect((await box.call("look", { job_id: "web" })).text).toBe(
      "look job_id=a; look job_id=a namespace=prod; nomad job thing a; nomad job thing -namespace prod a",
    );
  });
});

describe("answers", () => {
  const long = Array.from({ length: 9_000 }, (_, index) => `line ${index}`).join("\n");

  test("too long: its last lines go, at a line's end, and how to narrow it is said", async () => {
    const { text } = await toolbox({}, { run: async () => answer(long) }).call("look", { job_id: "web" });
    const lines = text.split("\n");
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(text.length).toBeGreaterThan(39_000);
    expect(lines[0]).toBe("line 0");
    expect(lines.at(-2)).toBe(`line ${lines.length - 2}`);
    expect(lines.at(-1)).toMatch(/^\(.*cut here.*\)$/);
  });

  test("too long, a log: its first line and its newest stay", async () => {
    const { text } = await toolbox({}, { keeps: "end", run: async () => answer("verdict", long) }).call("look", {
      job_id: "web",
    });
    const lines = text.split("\n");
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(lines[0]).toBe("verdict");
    expect(lines[1]).toContain("cut here");
    expect(lines.at(-1)).toBe("line 8999");
    expect(lines[2]).toMatch(/^line \d+$/);
  });

  test.each(["start", "end"] as const)("one endless line is cut too (%s)", async (keeps) => {
    const { text } = await toolbox({}, { keeps, run: async () => answer("x".repeat(100_000)) }).call("look", {
      job_id: "web",
    });
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(text).toContain("cut here");
  });

  test("an endless error is cut", async () => {
    const run = async () => Promise.reject(new Error("x".repeat(100_000)));
    const { text, isError } = await toolbox({}, { run }).call("look", { job_id: "web" });
    expect(isError).toBe(true);
    expect(text.length).toBeLessThanOrEqual(40_000);
  });

  test("masked, whether they succeed or fail, and in the log", async () => {
    const masking = () => ({
      note: () => {},
      noteInTurns: async () => {},
      mask: (text: string) => text.replaceAll("s3cret", "[masked]"),
    });
    const box = toolbox({ masking }, { run: async () => answer("a s3cret") });
    expect((await box.call("look", { job_id: "web" })).text).toBe("a [masked]");
    const failing = toolbox({ masking }, { run: async () => Promise.reject(new Error("no s3cret here")) });
    expect(await failing.call("look", { job_id: "web" })).toMatchObject({ text: "no [masked] here", isError: true });
    expect(failing.log.join()).toBe("look failed: no [masked] here");
  });

  test("with facts for programs, which hide and mask as the text does", async () => {
    const masking = () => ({
      note: () => {},
      noteInTurns: async () => {},
      mask: (text: string) => text.replaceAll("s3cret", "[masked]"),
    });
    const step = stepText({ tool: ["look", {}], namespace: "default" });
    const data = { rows: [{ name: seal("a\nb"), value: "a s3cret", count: 3, left: undefined, next: step }] };
    const box = toolbox({ masking }, { run: async () => ({ headline: "one row", data }) });
    const told = await box.tell("look", { job_id: "web" }, { signal: new AbortController().signal });
    expect(told.text).toBe("one row");
    expect(told.data?.()).toEqual({ rows: [{ name: "a\\nb", value: "a [masked]", count: 3, next: "look" }] });
    // A host gets the text alone.
    expect(await box.call("look", { job_id: "web" })).toMatchObject({ texts: ["one row"] });
  });

  test("greeted once", async () => {
    const { call } = toolbox({ greeting: "This is the demo." });
    expect((await call("look", {})).texts[0]).toBe("This is the demo.");
    expect((await call("look", { job_id: "web" })).texts).toHaveLength(1);
  });

  test("one line in the log for each call that failed, none for the others", async () => {
    const box = toolbox();
    await box.call("look", { job_id: "web" });
    await box.call("look", {});
    await box.call("nope", {});
    expect(box.log).toHaveLength(2);
  });
});

describe("how a call ended, for programs", () => {
  const tell = (box: ReturnType<typeof toolbox>, name: string, args: unknown) =>
    box.tell(name, args, { signal: new AbortController().signal });

  test("with its answer", async () => {
    expect(await tell(toolbox(), "look", { job_id: "web" })).toMatchObject({ ended: "ok" });
  });

  test.each([
    {},
    { job_id: "web", id: "x" },
    { job_id: "web", ports: JSON.parse(`${"[".repeat(65)}${"]".repeat(65)}`) },
  ])("the arguments do not fit (%#)", async (args) => {
    expect(await tell(toolbox(), "look", args)).toMatchObject({ ended: "arguments", isError: true });
  });

  test("no such tool, and one that is hidden", async () => {
    const box = toolbox({ gates: { readOnly: true } });
    expect(await tell(box, "lok", {})).toMatchObject({ ended: "unknown", isError: true });
    expect(await tell(box, "change", { job_id: "web" })).toMatchObject({ ended: "hidden", isError: true });
  });

  test("refused by the tool, or failed as the program sorts its errors", async () => {
    const failing = (error: Error) => toolbox({ failedAs: () => "timeout" }, { run: () => Promise.reject(error) });
    expect(await tell(failing(new Refused("No.")), "look", { job_id: "web" })).toMatchObject({ ended: "refused" });
    expect(await tell(failing(new Error("late")), "look", { job_id: "web" })).toMatchObject({ ended: "timeout" });
  });

  test("a consent is needed: what to show, and the code that carries the same call out", async () => {
    const box = toolbox({ confirm: "ask" });
    const asked = await tell(box, "change", { job_id: "web" });
    expect(asked.ended).toBe("consent");
    expect(asked.text).toContain(asked.needed?.preview);
    const again = await tell(box, "change", { job_id: "web", confirm: "wrong" });
    expect(again).toMatchObject({ ended: "consent", isError: true, needed: { preview: asked.needed?.preview } });
    expect(await tell(box, "change", { job_id: "web", confirm: again.needed?.code })).toMatchObject({ ended: "ok" });
  });
});

test("a cancelled call aborts what it waits for", async () => {
  const host = new AbortController();
  const run = async (_: unknown, { signal }: Call) =>
    await new Promise<Answer>((resolve) => signal.addEventListener("abort", () => resolve(answer("aborted"))));
  const called = toolbox({}, { run }).call("look", { job_id: "web" }, host.signal);
  host.abort();
  expect((await called).text).toBe("aborted");
});

test("a call ends before the host gives it up", async () => {
  // Claude Desktop waits 60 s; the toolbox aborts at 50.
  const timeout = vi.spyOn(globalThis, "setTimeout");
  await toolbox().call("look", { job_id: "web" });
  expect(timeout.mock.calls.map(([, ms]) => ms)).toEqual([50_000]);
  timeout.mockRestore();
});
