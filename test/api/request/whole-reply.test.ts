import { describe, expect, test } from "vitest";
import { NomadError } from "../../../src/api/errors/errors.ts";
import { createRoom } from "../../../src/api/request/room.ts";
import { countRows, readWhole } from "../../../src/api/request/whole-reply.ts";
import { deadline } from "../../../src/deadline.ts";

const request = { acts: false, address: "http://nomad.test:4646", method: "GET", path: "/v1/jobs" };
const never = new AbortController().signal;
const kib = 1024;

async function* body(text: string, chunk = 64 * kib): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

/** What is read of a text as a reply; its length is told, as Nomad tells it. */
function read(text: string, more: Partial<Parameters<typeof readWhole>[2]> = {}) {
  const headers = new Headers({ "content-length": String(text.length) });
  const patience = deadline(never, 10_000);
  return readWhole(request, { headers, body: body(text) }, { room: createRoom(), patience, ...more });
}

/** A text of so many KiB, a third of which fills the room of a test. */
const large = `["${"x".repeat(300 * kib - 4)}"]`;

describe("a large reply", () => {
  test("waits until another call ends, and keeps its own part until its call does", async () => {
    const room = createRoom(500 * kib);
    const ends: (() => void)[] = [];
    const atEnd = (work: () => void) => void ends.push(work);
    expect(await read(large, { room, atEnd })).toBe(large);
    const order: string[] = [];
    const second = read(large, { room, atEnd }).then(() => order.push("second"));
    const small = read("[]", { room, atEnd }).then(() => order.push("small"));
    await small;
    expect(order).toEqual(["small"]);
    ends[0]?.();
    await second;
    expect(order).toEqual(["small", "second"]);
    expect(ends).toHaveLength(2);
  });

  test("of no call gives its part back once it is read", async () => {
    const room = createRoom(500 * kib);
    for (let time = 0; time < 3; time++) expect(await read(large, { room })).toBe(large);
  });

  test("for which there is no room in time is refused, and stands in nobody's way", async () => {
    const room = createRoom(500 * kib);
    const ends: (() => void)[] = [];
    await read(large, { room, atEnd: (work) => void ends.push(work) });
    const late = read(large, { room, patience: deadline(never, 10) });
    await expect(late).rejects.toMatchObject({ kind: "crowded", reply: "no room for a large reply in time" });
    ends[0]?.();
    expect(await read(large, { room })).toBe(large);
  });

  test("that is broken off gives its part back", async () => {
    const room = createRoom(500 * kib);
    async function* broken() {
      yield Buffer.from(large);
      throw new Error("reset");
    }
    const headers = new Headers();
    const reading = readWhole(request, { headers, body: broken() }, { room, patience: deadline(never, 10_000) });
    await expect(reading).rejects.toThrow("reset");
    expect(await read(large, { room })).toBe(large);
  });
});

describe("what is made to fill memory", () => {
  test.each([
    ["objects", `[${"{},".repeat(500_001)}{}]`],
    ["lists", "[".repeat(1_000_001)],
    ["members", `[${"0,".repeat(3_000_001)}0]`],
  ])("%s: refused while it is read", async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ kind: "too_large" });
  });

  test("a page that is longer than any", async () => {
    await expect(read(`["${"x".repeat(6_000_000)}"]`, { page: 25 })).rejects.toMatchObject({ kind: "too_large" });
  });

  test("rows that nobody asked for", () => {
    const rows = (count: number) => Array.from({ length: count }, () => ({}));
    expect(() => countRows(request, rows(1_001), 25)).toThrow(NomadError);
    expect(() => countRows(request, rows(100_001), undefined)).toThrow("100,001 rows");
    countRows(request, rows(1_000), 25);
    countRows(request, rows(5_000), 5_000);
    countRows(request, rows(100_000), undefined);
    countRows(request, { ID: "web" }, undefined);
  });
});
