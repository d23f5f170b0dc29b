import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { type Asker, createQueue, type Queue } from "../../../src/api/request/queue.ts";

const never = new AbortController().signal;

/** Lets everything that can happen now happen. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Joining {
  /** The tool whose request it is, or all of whose it is. */
  readonly key?: string | Asker;
  readonly waits?: boolean;
  readonly signal?: AbortSignal;
}

/** Enters a queue, and tells in `order` when it has a place. */
function joins(
  queue: Queue,
  order: string[],
  name: string,
  { key = name, waits = false, signal = never }: Joining = {},
) {
  const place: { free?: () => void; failed?: unknown } = {};
  queue.enter(typeof key === "string" ? { tool: key } : key, waits, signal).then(
    (free) => {
      order.push(name);
      place.free = free;
    },
    (error: unknown) => {
      place.failed = error;
    },
  );
  return place;
}

/** A queue of one place that is taken, so that what comes has to wait. */
async function busy(): Promise<{ queue: Queue; free: () => void }> {
  const queue = createQueue(1, 1);
  return { queue, free: await queue.enter({ tool: "first" }, false, never) };
}

/** Frees each place as soon as somebody has it, until nobody waits. */
async function drain(...places: { free?: () => void }[]): Promise<void> {
  for (let round = 0; round <= places.length; round++) {
    await settle();
    for (const place of places) place.free?.();
  }
}

test("32 at a time, however many come at once", async () => {
  const queue = createQueue();
  let most = 0;
  const call = async (number: number) => {
    const free = await queue.enter({ tool: `tool ${number % 7}` }, number % 3 === 0, never);
    most = Math.max(most, queue.held);
    await settle();
    free();
  };
  const calls = Array.from({ length: 200 }, (_, number) => call(number));
  await settle();
  expect(queue.queued).toBeGreaterThan(100);
  await Promise.all(calls);
  expect(most).toBe(32);
  expect([queue.held, queue.queued]).toEqual([0, 0]);
});

describe("whose turn it is", () => {
  test("principals take turns before tools do: who asks with many tools waits no less for it", async () => {
    const { queue, free } = await busy();
    const order: string[] = [];
    const of = (principal: string, tool: string) => ({ key: { principal, tool } });
    const places = [
      ...["a1", "a2", "a3"].map((name) => joins(queue, order, name, of("anna", name))),
      joins(queue, order, "b1", of("ben", "b")),
      joins(queue, order, "b2", of("ben", "b")),
    ];
    free();
    await drain(...places);
    expect(order).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("the tools take turns, and within one the first comes first", async () => {
    const { queue, free } = await busy();
    const order: string[] = [];
    const names = ["a1", "a2", "a3", "a4", "b1", "c1", "b2"];
    const places = names.map((name) => joins(queue, order, name, { key: name.slice(0, 1) }));
    free();
    await drain(...places);
    expect(order).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  test("one call of another tool does not wait behind two hundred", async () => {
    const { queue, free } = await busy();
    const order: string[] = [];
    const many = Array.from({ length: 200 }, (_, number) => joins(queue, order, `many ${number}`, { key: "many" }));
    const one = joins(queue, order, "one");
    free();
    await drain(...many, one);
    expect(order.indexOf("one")).toBe(1);
    expect(order.length).toBe(201);
  });

  test("nobody who comes later is let in before those who wait", async () => {
    const { queue, free } = await busy();
    const order: string[] = [];
    const early = joins(queue, order, "early");
    free();
    const late = joins(queue, order, "late");
    await drain(early, late);
    expect(order).toEqual(["early", "late"]);
  });
});

describe("requests that wait for a change", () => {
  test("leave room for the others", async () => {
    const queue = createQueue();
    const order: string[] = [];
    for (let number = 0; number < 40; number++) joins(queue, order, `waits ${number}`, { key: "follow", waits: true });
    await settle();
    expect([queue.held, queue.queued]).toEqual([24, 16]);
    const quick = joins(queue, order, "quick", { key: "follow" });
    await settle();
    expect(order.at(-1)).toBe("quick");
    quick.free?.();
    expect([queue.held, queue.queued]).toEqual([24, 16]);
  });

  test("come in as others of their kind go", async () => {
    const queue = createQueue(3, 1);
    const order: string[] = [];
    const first = joins(queue, order, "first", { waits: true });
    joins(queue, order, "second", { waits: true });
    await settle();
    expect(order).toEqual(["first"]);
    first.free?.();
    await settle();
    expect(order).toEqual(["first", "second"]);
  });

  test("that have to stand back do not hold up those behind them", async () => {
    const queue = createQueue(2, 1);
    const order: string[] = [];
    joins(queue, order, "waits", { waits: true });
    const quick = joins(queue, order, "quick");
    joins(queue, order, "waits, too", { key: "tool", waits: true });
    joins(queue, order, "behind it", { key: "tool" });
    await settle();
    quick.free?.();
    await settle();
    expect(order).toEqual(["waits", "quick", "behind it"]);
  });
});

describe("who gives up", () => {
  test("while it waits is gone at once, with its reason, and is never let in", async () => {
    const { queue, free } = await busy();
    const order: string[] = [];
    const cancel = new AbortController();
    const gone = joins(queue, order, "gone", { signal: cancel.signal });
    const next = joins(queue, order, "next");
    cancel.abort("the host has cancelled");
    expect(queue.queued).toBe(1);
    await settle();
    expect(gone.failed).toBe("the host has cancelled");
    free();
    await drain(next);
    expect(order).toEqual(["next"]);
    expect([queue.held, queue.queued]).toEqual([0, 0]);
  });

  test("before it came is not let in either", async () => {
    const queue = createQueue();
    await expect(queue.enter({ tool: "tool" }, false, AbortSignal.abort("too late"))).rejects.toBe("too late");
    expect(queue.held).toBe(0);
  });

  test("once it has its place keeps it until it is freed, since its request may still be under way", async () => {
    const queue = createQueue(1);
    const cancel = new AbortController();
    const free = await queue.enter({ tool: "tool" }, false, cancel.signal);
    cancel.abort();
    expect(queue.held).toBe(1);
    free();
    expect(queue.held).toBe(0);
  });

  test("leaves no listener behind, nor do the others", async () => {
    const { queue, free } = await busy();
    const [cancel, stay] = [new AbortController(), new AbortController()];
    const places = Array.from({ length: 50 }, (_, number) =>
      joins(queue, [], String(number), { signal: number % 2 ? cancel.signal : stay.signal }),
    );
    expect(getEventListeners(cancel.signal, "abort").length).toBe(25);
    free();
    await drain(...places.slice(0, 10));
    cancel.abort();
    await drain(...places);
    expect(getEventListeners(cancel.signal, "abort")).toEqual([]);
    expect(getEventListeners(stay.signal, "abort")).toEqual([]);
    expect([queue.held, queue.queued]).toEqual([0, 0]);
  });
});

test("a place that is freed twice is one place", async () => {
  const queue = createQueue(2);
  const [one] = await Promise.all([queue.enter({ tool: "a" }, false, never), queue.enter({ tool: "a" }, false, never)]);
  one();
  one();
  expect(queue.held).toBe(1);
});

test("whatever happens in whatever order, the bounds hold and nobody is forgotten", async () => {
  // A small generator with a fixed seed (mulberry32), so that a failure can be repeated.
  let seed = 7;
  const chance = (below: number) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const queue = createQueue(5, 3);
  const order: string[] = [];
  const all: { place: ReturnType<typeof joins>; waits: boolean; cancel: AbortController }[] = [];
  const freed = new Set<unknown>();
  for (let step = 0; step < 2_000; step++) {
    const one = all[chance(Math.max(1, all.length))];
    if (chance(3) === 0 && one?.place.free) {
      one.place.free();
      freed.add(one);
    }
    if (chance(6) === 0 && one) one.cancel.abort();
    else {
      const cancel = new AbortController();
      const waits = chance(2) === 0;
      const place = joins(queue, order, `${step}`, { key: `tool ${chance(4)}`, waits, signal: cancel.signal });
      all.push({ place, waits, cancel });
    }
    if (chance(4) === 0) await settle();
    expect(queue.held).toBeLessThanOrEqual(5);
    const waiting = all.filter((each) => each.waits && each.place.free && !freed.has(each));
    expect(waiting.length).toBeLessThanOrEqual(3);
  }
  await drain(...all.map(({ place }) => place));
  expect(all.filter(({ place }) => place.free === undefined && place.failed === undefined)).toEqual([]);
  expect([queue.held, queue.queued]).toEqual([0, 0]);
});

test("memory stays flat over 10,000 calls on one signal", async () => {
  const queue = createQueue(4);
  const { signal } = new AbortController();
  for (let round = 0; round < 100; round++) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, number) =>
        (await queue.enter({ tool: `tool ${round} ${number}` }, false, signal))(),
      ),
    );
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect([queue.held, queue.queued]).toEqual([0, 0]);
});
