import { readdirSync } from "node:fs";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { Cluster } from "../contract/support/cluster.ts";
import { bringAbout, onDemo } from "../support/scene.ts";
import { type Answer, openSession } from "../support/session.ts";
import type { Ask, Task } from "./task.ts";

const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".task.ts"));
const tasks = await Promise.all(
  files.map(async (file) => {
    const { task }: { task: Task } = await import(/* @vite-ignore */ `./${file}`);
    return { name: file.replace(".task.ts", ""), task };
  }),
);
const real = process.env.NOMAD_TEST_ADDR;
/** A real agent may be asked the first question for so long until the cluster is as it should be, ms. */
const patience = 60_000;
/** All answers of a day together, in tokens (o200k). */
const longestDay = 6_000;
const tokens = new Map<string, number>();

function misses({ text, isError }: Answer, { says }: Ask): boolean {
  return isError || says.some((words) => !words.test(text));
}

/** Makes the calls of a task, one after the other, and gives what the answers cost. */
async function work({ calls, most }: Task, address: string, id: (word: string) => string, until: number) {
  expect(calls.length).toBeLessThanOrEqual(most);
  const session = await openSession({ address });
  const answers: string[] = [];
  try {
    for (const [index, ask] of calls.entries()) {
      const call = () => session.call(ask.tool, ask.args?.(id, answers) ?? { job_id: id("main") });
      let answer = await call();
      // Only what looks at a cluster that is not yet as it should be may be asked again.
      while (index === 0 && misses(answer, ask) && Date.now() < until) answer = await call();
      expect(answer.isError, answer.text).toBe(false);
      for (const words of ask.says) expect(answer.text).toMatch(words);
      for (const words of ask.never ?? []) expect(answer.text).not.toMatch(words);
      answers.push(answer.text);
    }
  } finally {
    await session.close();
  }
  return countTokens(answers.join("\n"));
}

describe("a day's tasks, each within its calls", () => {
  test.each(tasks)("$name: $task.asked", async ({ name, task }) => {
    const { address, id } = await onDemo(name, task);
    tokens.set(name, await work(task, address, id, 0));
  });

  test("all answers together are short enough to read", () => {
    const all = [...tokens.values()].reduce((sum, each) => sum + each, 0);
    process.stdout.write(`tokens of a day: ${all} in ${tokens.size} tasks\n`);
    expect(all).toBeLessThanOrEqual(longestDay);
  });
});

describe.runIf(real)("and on a real agent", { timeout: patience * 2 }, () => {
  test.for(tasks.filter((each) => each.task.real))("$name: $task.asked", async ({ name, task }, { onTestFinished }) => {
    const nomad = new Cluster(real ?? "");
    onTestFinished(() => nomad.close());
    const id = (word: string) => nomad.id(`${name}-${word}`);
    const done = typeof task.real === "object" ? { ...task, ...task.real } : task;
    for (const step of done.happens ?? []) await bringAbout(step, nomad, id);
    await work(done, nomad.address, id, Date.now() + patience);
  });
});
