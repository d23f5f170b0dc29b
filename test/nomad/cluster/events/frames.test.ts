import { expect, test } from "vitest";
import type { ClusterEvent } from "../../../../src/endpoints/events.ts";
import { linesOf } from "../../../../src/nomad/cluster/events/frames.ts";
import { createTeller } from "../../../../src/nomad/cluster/events/tell.ts";
import { recorded } from "../../../support/recorded.ts";

const stream = recorded<string>("events/stream.json").body;

async function read(chunks: readonly Uint8Array[], largest?: number) {
  const found = [];
  for await (const line of linesOf(
    (async function* () {
      yield* chunks;
    })(),
    largest,
  ))
    found.push(line);
  return found;
}

/** The bytes in pieces of this size. */
function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

test("a recorded stream is the same wherever the network cuts it", async () => {
  const bytes = Buffer.from(stream);
  const whole = await read([bytes]);
  expect(whole[0]).toEqual({ kind: "heartbeat" });
  expect(whole.filter(({ kind }) => kind === "frame").length).toBe(whole.length - 1);
  for (const size of [1, 7, 1000]) expect(await read(pieces(bytes, size))).toEqual(whole);
});

test("a character that is cut in two is whole again", async () => {
  const frame = { Index: 1, Events: [{ Topic: "Job", Key: "bäckerei-🥐" }] };
  const lines = await read(pieces(Buffer.from(`{}\n${JSON.stringify(frame)}\n`), 1));
  expect(lines).toEqual([{ kind: "heartbeat" }, { kind: "frame", frame }]);
});

test("a line that is too large, or broken, is left out; those after it are not", async () => {
  const frame = JSON.stringify({ Index: 1, Events: [] });
  const bytes = Buffer.from(`${"x".repeat(200)}\n{"Ind\n${frame}\n`);
  const kinds = ["skipped", "skipped", "frame"];
  for (const size of [3, 64, 1000])
    expect((await read(pieces(bytes, size), 100)).map(({ kind }) => kind)).toEqual(kinds);
});

test("a line that the end of the connection cut is none", async () => {
  expect(await read([Buffer.from('{}\n{"Index":1,"Ev')])).toEqual([{ kind: "heartbeat" }]);
});

test("recorded events in words", async () => {
  const tell = createTeller(true);
  const frames = (await read([Buffer.from(stream)])).flatMap((line) => (line.kind === "frame" ? [line.frame] : []));
  const told = frames.flatMap(({ Events }) => Events ?? []).flatMap((event) => tell(event)?.text ?? []);
  expect(told.join("\n")).toMatchInlineSnapshot(
    `"allocation d9798a35 crash-loop.worker[0] on dev-1: running; worker exits with code 1; worker restarting in 1s; worker started"`,
  );
});

const node = (Index: number, Type: string, more: object): ClusterEvent => ({
  ...{ Topic: "Node", Type, Key: "n", Namespace: "", Index },
  Payload: {
    Node: {
      ...{ ID: "n", Name: "client-2", Status: "ready", SchedulingEligibility: "eligible", Drain: false },
      ...{
        StatusUpdatedAt: 1_800_000_000,
        Events: [{ Message: "Node registered", Timestamp: "2026-11-20T20:00:00Z" }],
      },
      ...more,
    },
  },
});

test("a node tells when it changes, and not when an allocation on it does", () => {
  const tell = createTeller(false);
  const said = (event: ClusterEvent) => tell(event)?.text;
  expect(said(node(1, "AllocationUpdated", {}))).toBeUndefined();
  expect(said(node(2, "AllocationUpdated", {}))).toBeUndefined();
  const lost = { Status: "down", Events: [{ Message: "Node heartbeat missed", Timestamp: "2026-11-20T20:01:00Z" }] };
  expect(said(node(3, "NodeStreamEvent", lost))).toBe("node client-2: ready -> down (Node heartbeat missed)");
  expect(said(node(4, "AllocationUpdated", lost))).toBeUndefined();
});
