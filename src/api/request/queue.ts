import { setMaxListeners } from "node:events";

/** So many requests are under way towards one cluster at a time. */
const usualPlaces = 32;
/** So many of them may be requests that wait for a change: they keep their place for long, and must not fill it all. */
const usualWaiting = 24;

/** Whose request it is. */
export interface Asker {
  /** Who calls, on a server of many. */
  readonly principal?: string | undefined;
  readonly tool?: string | undefined;
}

/** Places for requests, given out fairly. */
export interface Queue {
  /**
   * Waits for a place and gives what frees it again (calling that twice frees it once). Principals take turns, within one the
   * tools do, and within a tool the first comes first. `waits`: the request stays open until something changes.
   *
   * @throws The reason of `signal` where it aborts before there is a place.
   */
  enter(asker: Asker, waits: boolean, signal: AbortSignal): Promise<() => void>;
  /** How many hold a place now, and how many wait for one. */
  readonly held: number;
  readonly queued: number;
}

/** One who waits for a place. */
interface Waiter {
  readonly waits: boolean;
  /** Its place in the order in which all came. */
  readonly number: number;
  admit(): void;
}

/** Those of one tool who wait, each kind in the order in which they came. */
interface Line {
  readonly quick: Set<Waiter>;
  readonly waiting: Set<Waiter>;
}

/** The queue of one cluster: `places` at a time, at most `forWaiting` of them for requests that wait. */
export function createQueue(places = usualPlaces, forWaiting = usualWaiting): Queue {
  // Principals, and the tools of each, in the order of their turns: who was served goes to the end.
  const principals = new Map<string, Map<string, Line>>();
  let number = 0;
  let held = 0;
  let heldWaiting = 0;
  let queued = 0;

  const hasPlace = (waits: boolean) => held < places && (!waits || heldWaiting < forWaiting);

  function take(waits: boolean): () => void {
    held++;
    if (waits) heldWaiting++;
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      held--;
      if (waits) heldWaiting--;
      fill();
    };
  }

  /** Gives free places to those whose turn it is. */
  function fill(): void {
    for (let next = pick(); next !== undefined; next = pick()) {
      const { principal, tool, waiter } = next;
      leave(principal, tool, waiter);
      const tools = principals.get(principal);
      if (tools !== undefined) {
        toEnd(tools, tool);
        toEnd(principals, principal);
      }
      waiter.admit();
    }
  }

  function pick(): { readonly principal: string; readonly tool: string; readonly waiter: Waiter } | undefined {
    if (held >= places) return undefined;
    for (const [principal, tools] of principals) {
      for (const [tool, { quick, waiting }] of tools) {
        const [one] = quick;
        const [other] = hasPlace(true) ? waiting : [];
        const waiter =
          one !== undefined && other !== undefined ? (one.number < other.number ? one : other) : (one ?? other);
        if (waiter !== undefined) return { principal, tool, waiter };
      }
    }
    return undefined;
  }

  function join(principal: string, tool: string, waiter: Waiter): void {
    const tools = principals.get(principal) ?? new Map<string, Line>();
    principals.set(principal, tools);
    const line = tools.get(tool) ?? { quick: new Set(), waiting: new Set() };
    tools.set(tool, line);
    (waiter.waits ? line.waiting : line.quick).add(waiter);
    queued++;
  }

  function leave(principal: string, tool: string, waiter: Waiter): void {
    const tools = principals.get(principal);
    const line = tools?.get(tool);
    if (tools === undefined || line === undefined) return;
    if (!(waiter.waits ? line.waiting : line.quick).delete(waiter)) return;
    queued--;
    if (line.quick.size + line.waiting.size === 0) tools.delete(tool);
    if (tools.size === 0) principals.delete(principal);
  }

  return {
    get held() {
      return held;
    },
    get queued() {
      return queued;
    },
    async enter({ principal = "", tool = "" }, waits, signal) {
      signal.throwIfAborted();
      // Whoever waits already could have had the place, were there one: nobody is overtaken.
      if (hasPlace(waits)) return take(waits);
      return await new Promise((resolve, reject) => {
        const abort = () => {
          leave(principal, tool, waiter);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          waits,
          number: number++,
          admit() {
            signal.removeEventListener("abort", abort);
            resolve(take(waits));
          },
        };
        // A call with many requests is no leak, of which Node would warn on stderr.
        setMaxListeners(0, signal);
        signal.addEventListener("abort", abort, { once: true });
        join(principal, tool, waiter);
      });
    },
  };
}

/** Puts the key of a map behind all others. */
function toEnd<T>(map: Map<string, T>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}
