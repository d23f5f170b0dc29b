import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { denied, front, type Instead } from "../support/front.ts";
import { openSession } from "../support/session.ts";

/** An answer without ids and times, which differ from run to run. */
const plain = (text: string) =>
  text
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")
    .replaceAll(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d /gm, "<time> ")
    .replaceAll(/(\d+[dhms])+ ago|just now/g, "<age>")
    .replaceAll(/ on client-\d/g, " on <node>");

describe("on the demo cluster", () => {
  let session: DemoSession;
  beforeEach(async () => {
    session = await demoSession();
  });
  afterEach(() => session.close());
  const events = async (args: object) => plain((await session.call("get_events", { ...args })).text);

  test("a job from its start to its health, out of the buffer", async () => {
    await session.register(mockJob("solid"), 12);
    expect(await events({ job_id: "solid", wait_seconds: 0 })).toMatchInlineSnapshot(`
      "8 events of job solid in namespace default: the server's buffer reaches back to <age> (UTC)

      <time> job solid: version 0 registered
      <time> deployment <id> of solid version 0: running, 0 of 1 healthy
      <time> allocation <id> solid.api[0] on <node>: placed
      <time> job solid: pending -> running
      <time> allocation <id> solid.api[0] on <node>: pending -> running; server started
      <time> deployment <id> of solid version 0: running, 1 of 1 healthy
      <time> allocation <id> solid.api[0] on <node>: healthy
      <time> deployment <id> of solid version 0: running -> successful (Deployment completed successfully), 1 of 1 healthy"
    `);
    expect(await events({ job_id: "solid", topic: "evaluation", wait_seconds: 0 })).toMatchInlineSnapshot(`
      "4 evaluation events of job solid in namespace default: the server's buffer reaches back to <age> (UTC)

      <time> evaluation <id> of solid: pending (job-register)
      <time> evaluation <id> of solid: pending -> complete
      <time> evaluation <id> of solid: pending (deployment-watcher)
      <time> evaluation <id> of solid: pending -> complete"
    `);
  });

  test("a task that exits, is restarted, and is given up", async () => {
    const policy = { Attempts: 1, Interval: 300e9, Delay: 1e9, Mode: "fail" };
    await session.register(mockJob("dies", { run_for: "1s", exit_code: 3 }, { RestartPolicy: policy }), 8);
    const text = await events({ job_id: "dies", topic: "allocation", wait_seconds: 0 });
    expect(text).toMatchInlineSnapshot(`
      "5 allocation events of job dies in namespace default: the server's buffer reaches back to <age> (UTC)

      <time> allocation <id> dies.api[0] on <node>: placed
      <time> allocation <id> dies.api[0] on <node>: pending -> running; server started
      <time> allocation <id> dies.api[0] on <node>: running -> pending; server exits with code 3; server restarting in 1s
      <time> allocation <id> dies.api[0] on <node>: pending -> running; server started
      <time> allocation <id> dies.api[0] on <node>: running -> failed; unhealthy; server exits with code 3; server Not Restarting: Exceeded allowed attempts 1 in interval 5m0s and mode is "fail""
    `);
  });

  test("a job that crashes all the time fills no answer: what is the same is one line", async () => {
    const policy = { Attempts: 20, Interval: 300e9, Delay: 1e9, Mode: "fail" };
    await session.register(
      mockJob("loops", { run_for: "1s", exit_code: 3 }, { RestartPolicy: policy, Update: { MaxParallel: 0 } }),
      20,
    );
    const text = await events({ job_id: "loops", topic: "allocation", wait_seconds: 0 });
    expect(text.replaceAll(/\d\d:\d\d:\d\d/g, "<time>")).toMatchInlineSnapshot(`
      "21 allocation events of job loops in namespace default: the server's buffer reaches back to <age> (UTC)

      <time> allocation <id> loops.api[0] on <node>: placed
      <time> allocation <id> loops.api[0] on <node>: pending -> running; server started (10 times since <time>)
      <time> allocation <id> loops.api[0] on <node>: running -> pending; server exits with code 3; server restarting in 1s (10 times since <time>)"
    `);
  });

  test("what happens while it waits is told from what was there before", async () => {
    const told: string[] = [];
    const call = { name: "get_events", arguments: { job_id: "late", wait_seconds: 1 } };
    const onprogress = ({ message = "" }) => void told.push(message);
    const waiting = session.client.callTool(call, undefined, { onprogress });
    await expect.poll(() => session.demo.requests.some(({ path }) => path.includes("status/leader"))).toBe(true);
    await session.nomad("POST", "/v1/jobs", { Job: mockJob("late") });
    const { content } = CallToolResultSchema.parse(await waiting);
    const text = plain(content.map((block) => (block.type === "text" ? block.text : "")).join("\n"));
    expect(told[0]).toContain("late");
    expect(text).toMatch(/^\d+ events of job late in namespace default: .*, \d+ in the 1s since this call began/);
    expect(text).toContain("<time> job late: version 0 registered\n");
    expect(text).toMatch(/allocation <id> late\.api\[0\] on <node>: (placed|pending)/);
  });

  test("a node that went down, with what it took along", async () => {
    session.demo.setNodeStatus("client-2", "down");
    await session.clock.advance(1_000);
    const text = await events({ node: "client-2", wait_seconds: 0, namespace: "*" });
    expect(text).toContain("node client-2: ready -> down (Node heartbeat missed)");
    expect(text).toMatch(/allocation <id> \S+ on <node>: lost/);
  });

  test("the newest lines are kept", async () => {
    await session.register(mockJob("solid"), 12);
    const text = await events({ job_id: "solid", wait_seconds: 0, limit: 1 });
    expect(text).toMatchInlineSnapshot(`
      "8 events of job solid in namespace default: the server's buffer reaches back to <age> (UTC)
      (the newest 1 of 8 lines)

      <time> deployment <id> of solid version 0: running -> successful (Deployment completed successfully), 1 of 1 healthy"
    `);
  });

  test("nothing happened", async () => {
    expect(await events({ job_id: "none", wait_seconds: 0 })).toMatchInlineSnapshot(
      `"No events of job none in namespace default. The server keeps only the last 100 changes of the whole cluster: now back to <age>."`,
    );
  });

  test("a node that is none", async () => {
    const answer = await session.call("get_events", { node: "client-9" });
    expect(answer).toEqual({
      isError: true,
      text: 'There is no node "client-9". Nearest: client-1, client-2 and client-3.',
    });
  });
});

describe("what the token may not see", () => {
  let session: DemoSession;
  beforeEach(async () => {
    session = await demoSession();
  });
  afterEach(() => session.close());

  /** The answer where Nomad answers the stream as `instead` says, by the topics that are asked for. */
  async function ask(instead: (topics: string[]) => Instead | undefined) {
    const before = await front(session.demo.address, ({ pathname, searchParams }) =>
      pathname === "/v1/event/stream" ? instead(searchParams.getAll("topic")) : undefined,
    );
    const reader = await openSession({ address: before.address });
    const answer = await reader.call("get_events", { job_id: "solid", wait_seconds: 0, namespace: "default" });
    const all = await reader.call("get_events", { wait_seconds: 0, limit: 1 });
    await reader.close();
    await before.stop();
    return { answer, all };
  }

  test.each([
    ["an empty answer, as newer servers give", { status: 200, text: "" }],
    ["a 403, as older ones give", denied],
  ])("all of it: %s", async (_, instead) => {
    const { answer } = await ask(() => instead);
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatchInlineSnapshot(`
      "Nomad closed the event stream before its first line: the token may not read these events.
      It needs the capability read-job in namespace default; for nodes \`node { policy = "read" }\`."
    `);
  });

  test("nodes only: the others are told, and that nodes are missing", async () => {
    await session.register(mockJob("solid"), 12);
    const { answer, all } = await ask((topics) =>
      topics.some((topic) => topic.startsWith("Node")) ? { status: 200, text: "" } : undefined,
    );
    expect(answer.text).not.toContain("without events of nodes");
    expect(all.text).toMatch(/\n\(without events of nodes: they need `node \{ policy = "read" \}`\)$/);
  });
});
