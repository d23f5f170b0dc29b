const last = new Map<string, Promise<unknown>>();

/** Does what has the same key one after the other, in the order of the calls, whichever session of this process they are of. */
export async function inTurn<T>(key: string, act: () => Promise<T>): Promise<T> {
  const turn = (last.get(key) ?? Promise.resolve()).then(act, act);
  last.set(key, turn);
  try {
    return await turn;
  } finally {
    if (last.get(key) === turn) last.delete(key);
  }
}
