/** So much of large replies is held at a time, in bytes as they came; what is made of them takes several times that. */
const usualSize = 96 * 1024 * 1024;

/** Memory for the large replies of all calls, whichever cluster they are about. */
export interface Room {
  /**
   * Waits until `bytes` are free; whoever came first is served first.
   *
   * @throws The reason of `signal` where it aborts before that.
   */
  take(bytes: number, signal: AbortSignal): Promise<Taken>;
}

/** A part of the room. */
export interface Taken {
  /** Gives back what is more than `bytes`. */
  shrink(bytes: number): void;
  free(): void;
}

export function createRoom(size = usualSize): Room {
  let free = size;
  const waiting = new Set<{ readonly bytes: number; admit(): void }>();

  /** Serves those who wait, as far as there is room for the first of them: a large one is not passed by small ones. */
  function fill(): void {
    for (const next of waiting) {
      if (next.bytes > free) return;
      waiting.delete(next);
      next.admit();
    }
  }

  function grant(bytes: number): Taken {
    let held = bytes;
    free -= held;
    const shrink = (kept: number) => {
      if (kept >= held) return;
      free += held - kept;
      held = kept;
      fill();
    };
    return { shrink, free: () => shrink(0) };
  }

  return {
    async take(asked, signal) {
      signal.throwIfAborted();
      const bytes = Math.min(asked, size);
      if (waiting.size === 0 && bytes <= free) return grant(bytes);
      return await new Promise((resolve, reject) => {
        const abort = () => {
          waiting.delete(one);
          reject(signal.reason);
          fill();
        };
        const one = {
          bytes,
          admit() {
            signal.removeEventListener("abort", abort);
            resolve(grant(bytes));
          },
        };
        signal.addEventListener("abort", abort, { once: true });
        waiting.add(one);
      });
    },
  };
}
