import type { Happening } from "../support/scene.ts";

/** One call of a task, and what its answer has to hold. */
export interface Ask {
  readonly tool: string;
  /** About the job `main` where they are not said. `answers`: those of the calls before. */
  readonly args?: (id: (word: string) => string, answers: readonly string[]) => Readonly<Record<string, unknown>>;
  /** All of it can be told from the answer alone; in this order where they overlap none. */
  readonly says: readonly RegExp[];
  /** What would send the person the wrong way. */
  readonly never?: readonly RegExp[];
}

/** What a colleague asks on a day: how the cluster is, and the calls in which it is done. */
export interface Task extends Happening {
  readonly asked: string;
  readonly calls: readonly Ask[];
  /** So many calls may it take. */
  readonly most: number;
  /** Also on a real agent with the mock driver: the same, or what is like it where that takes no ten minutes. */
  readonly real?: boolean | Pick<Task, "happens" | "calls">;
}

/** The words behind `pattern`'s group in an answer. @throws Error where they are not there. */
export function read(answer: string | undefined, pattern: RegExp): string {
  const [, found] = pattern.exec(answer ?? "") ?? [];
  if (found === undefined) throw new Error(`${pattern} is not in:\n${answer}`);
  return found;
}
