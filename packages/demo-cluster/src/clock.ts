/** A timer that was set and can still be taken back. */
export interface Timer {
  cancel(): void;
}

/** The time the demo cluster lives by: the real one in use, one that a test drives in tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `fire` once, `ms` from now. */
  after(ms: number, fire: () => void): Timer;
  /** A request came in: virtual time stands still while it is handled. */
  enter(): void;
  /** The request is answered. */
  leave(): void;
  /** The request that was entered now waits for something to happen: `query` for an answer, `stream` for more output. */
  wait(kind: WaitKind): void;
  /** It waits no longer and is handled again. */
  resume(kind: WaitKind): void;
  /** Drops every timer. */
  stop(): void;
}

/** What a request waits for: an answer, or more of a stream. */
export type WaitKind = "query" | "stream";

/** A clock whose time a test moves. */
export interface VirtualClock extends Clock {
  /** Moves time forward, firing what falls due in between in order. */
  advance(ms: number): Promise<void>;
  /** The same without letting other work in between: for building up a past. */
  run(ms: number): void;
}

/** setTimeout knows no longer time and would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The wall clock. Its timers never keep a process alive. */
export function realClock(): Clock {
  const timers = new Set<NodeJS.Timeout>();
  return {
    now: () => Date.now(),
    after(ms, fire) {
      let timer: NodeJS.Timeout;
      const arm = (left: number) => {
        const step = Math.min(Math.max(0, left), LONGEST_MS);
        timer = setTimeout(() => {
          timers.delete(timer);
          if (left > step) arm(left - step);
          else fire();
        }, step);
        timer.unref();
        timers.add(timer);
      };
      arm(ms);
      return {
        cancel() {
          clearTimeout(timer);
          timers.delete(timer);
        },
      };
    },
    enter() {},
    leave() {},
    wait() {},
    resume() {},
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

interface Entry {
  at: number;
  seq: number;
  fire: () => void;
}

/**
 * No request for this long (real milliseconds), and for so many turns of the event loop, for a client in this process may
 * be busy in between: whoever waits is all there is.
 */
const QUIET_MS = 4;
const QUIET_TURNS = 20;
/** Where only streams wait nobody says when to stop, so time goes on in steps and not as fast as it can. */
const STREAM_PACE_MS = 5;

/** A clock that stands still but for requests that wait: then it jumps to the next event. */
export function virtualClock(startIso = "2026-11-20T20:00:00Z"): VirtualClock {
  let now = Date.parse(startIso);
  let seq = 0;
  let busy = 0;
  let lastActivity = 0;
  let turns = 0;
  const waiting = { query: 0, stream: 0 };
  const queue: Entry[] = [];
  let pump: NodeJS.Timeout | NodeJS.Immediate | undefined;

  const push = (entry: Entry) => {
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      const other = queue[mid];
      if (other && (other.at < entry.at || (other.at === entry.at && other.seq < entry.seq))) low = mid + 1;
      else high = mid;
    }
    queue.splice(low, 0, entry);
  };
  const fireNext = () => {
    const entry = queue.shift();
    if (!entry) return;
    now = Math.max(now, entry.at);
    entry.fire();
  };
  const run = (ms: number) => {
    const end = now + ms;
    for (let next = queue[0]; next && next.at <= end; next = queue[0]) fireNext();
    now = end;
  };
  const idle = () => busy === 0 && (waiting.query > 0 || waiting.stream > 0);
  const later = (ms: number) => {
    pump = ms > 0 ? setTimeout(tick, ms) : setImmediate(tick);
  };
  const tick = () => {
    pump = undefined;
    if (!idle()) return;
    if (++turns < QUIET_TURNS || performance.now() - lastActivity < QUIET_MS) return later(0);
    fireNext();
    if (queue.length > 0) later(waiting.query > 0 ? 0 : STREAM_PACE_MS);
  };
  const active = () => {
    lastActivity = performance.now();
    turns = 0;
  };
  const wake = () => {
    active();
    if (pump === undefined && idle()) later(0);
  };

  return {
    now: () => now,
    after(ms, fire) {
      const entry = { at: now + Math.max(0, ms), seq: seq++, fire };
      push(entry);
      return {
        cancel() {
          const at = queue.indexOf(entry);
          if (at >= 0) queue.splice(at, 1);
        },
      };
    },
    enter() {
      busy++;
      active();
    },
    leave() {
      busy--;
      wake();
    },
    wait(kind) {
      busy--;
      waiting[kind]++;
      wake();
    },
    resume(kind) {
      waiting[kind]--;
      busy++;
      active();
    },
    async advance(ms) {
      const end = now + ms;
      for (let next = queue[0]; next && next.at <= end; next = queue[0]) {
        fireNext();
        // requests that this woke are answered at the time they were woken
        await new Promise((done) => setImmediate(done));
      }
      now = Math.max(now, end);
    },
    run,
    stop() {
      queue.length = 0;
      if (pump !== undefined) {
        clearTimeout(pump as NodeJS.Timeout);
        clearImmediate(pump as NodeJS.Immediate);
      }
    },
  };
}

/** A clock that can be swapped while timers run: the past of the demo jobs is lived through before the present begins. */
export function relayClock(first: Clock): Clock & { moveTo(next: Clock): void } {
  let current = first;
  const pending = new Map<symbol, { at: number; fire: () => void; timer: Timer }>();
  const arm = (key: symbol, at: number, fire: () => void) => {
    const timer = current.after(at - current.now(), () => {
      pending.delete(key);
      fire();
    });
    pending.set(key, { at, fire, timer });
  };
  return {
    now: () => current.now(),
    after(ms, fire) {
      const key = Symbol("timer");
      arm(key, current.now() + Math.max(0, ms), fire);
      return {
        cancel() {
          pending.get(key)?.timer.cancel();
          pending.delete(key);
        },
      };
    },
    enter: () => current.enter(),
    leave: () => current.leave(),
    wait: (kind) => current.wait(kind),
    resume: (kind) => current.resume(kind),
    stop() {
      for (const { timer } of pending.values()) timer.cancel();
      pending.clear();
      current.stop();
    },
    moveTo(next) {
      current = next;
      for (const [key, { at, fire, timer }] of [...pending]) {
        timer.cancel();
        arm(key, at, fire);
      }
    },
  };
}
