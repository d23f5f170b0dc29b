/**
 * Gives the keys of a Map or Set, the one that came first at each call, undefined where there is none. Whoever takes one
 * deletes it before the next call.
 *
 * Asked anew, a Map goes past the place of every key that was deleted from its beginning: so many forgotten one by one would
 * take a time that grows with their square.
 */
export function oldestFirst<Key>(kept: { keys(): Iterator<Key> }): () => Key | undefined {
  let keys = kept.keys();
  return () => {
    let next = keys.next();
    if (next.done) {
      keys = kept.keys();
      next = keys.next();
    }
    return next.done ? undefined : next.value;
  };
}
