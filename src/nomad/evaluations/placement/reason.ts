/** One reason for a failed placement. */
export interface Reason {
  /** Without a full stop. */
  readonly sentence: string;
  /** What would end it, each by itself, the best first; none where nothing follows from the reason. */
  readonly cures: readonly string[];
  /** How many nodes it rules out. */
  readonly nodes: number;
}

/** "has", "lacks" and the like, of so many nodes. */
export const verb = (count: number, one: string, many: string) => (count === 1 ? one : many);
