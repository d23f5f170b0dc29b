/**
 * Meta-tests of every tool run in so many files, since one file is one worker's: `held.ts` beside them has the tests, and a file
 * a shard, `1.test.ts` and so on, runs them for its tools.
 */
export const shards = 4;

/** Every so-many-th of `all`, from the `shard`-th on; counted from 1. */
export function shardOf<T>(all: readonly T[], shard: number): T[] {
  return all.filter((_, index) => index % shards === shard - 1);
}
