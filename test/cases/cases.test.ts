import { readdirSync } from "node:fs";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, onTestFinished, test } from "vitest";
import { Cluster } from "../contract/support/cluster.ts";
import { openDoor } from "../support/door.ts";
import { serveRecorded } from "../support/recorded-server.ts";
import { recordedState } from "../support/recorded-state.ts";
import { bringAbout, onDemo, type Scene } from "../support/scene.ts";
import type { Answer } from "../support/session.ts";
import type { Case } from "./case.ts";

const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".case.ts"));
const cases = await Promise.all(
  files.map(async (file) => {
    const { fault }: { fault: Case } = await import(/* @vite-ignore */ `./${file}`);
    return { name: file.replace(".case.ts", ""), fault };
  }),
);
const real = process.env.NOMAD_TEST_ADDR;
/** What other tests did to the nodes of a shared agent within the hour: no part of the fault. */
const others = real ? /^ {2}(\d\d:\d\d {2}client-\d: (marked as|drain ).*|\(\d+ earlier lines? left out\))\n/gm : /$^/g;
/** A real agent may be asked for so long until it is as it should be, ms. */
const patience = 60_000;
/** Tokens (o200k) of the answers: of diagnose_job, and of what is asked first, get_job_status where no other tool is. */
const sizes = { diagnosis: new Map<string, number>(), first: new Map<string, number>() };

/** "median 96, at most 210 (port-held), of 73" */
function figures(tokens: ReadonlyMap<string, number>) {
  const sorted = [...tokens].toSorted(([, one], [, other]) => one - other);
  const [name, most = 0] = sorted.at(-1) ?? [];
  const [, median = 0] = sorted[Math.floor(sorted.length / 2)] ?? [];
  return { median, most, text: `median ${median}, at most ${most} (${name}), of ${tokens.size}` };
}

/** An answer, and what it cost. */
interface Asked extends Answer {
  readonly requests: readonly string[];
}

/** Whether the answer has what it should have; on a real agent this is what is waited for. */
function isThere({ text }: Answer, { first, says = [] }: Case): boolean {
  return first.test(top(text)) && says.every((words) => words.test(text));
}

const top = (text: string) => text.split("\n").slice(0, 2).join("\n");

function check({ text, isError, requests }: Asked, { first, says = [], never = [], ...fault }: Case): void {
  expect(isError, text).toBe(fault.refused ?? false);
  expect(top(text)).toMatch(first);
  for (const words of says) expect(text).toMatch(words);
  for (const words of never) expect(text).not.toMatch(words);
  expect(countTokens(text.replaceAll(others, "")), text).toBeLessThanOrEqual(fault.tokens);
  expect(requests.length, requests.join("\n")).toBeLessThanOrEqual(fault.requests);
}

/** Asks once, and again only while `again` says so. */
async function ask(address: string, fault: Case, args: Record<string, unknown>, again: (answer: Answer) => boolean) {
  for (;;) {
    const door = await openDoor(address, fault.denied);
    const answer = await door.session.call(fault.tool ?? "diagnose_job", args);
    await door.close();
    if (!again(answer)) return { ...answer, requests: door.requests };
  }
}

async function recorded(fault: Case, folder: string): Promise<Scene> {
  const state = recordedState(folder);
  fault.recorded?.edit?.(state);
  const server = await serveRecorded(state);
  onTestFinished(() => server.close());
  return { address: server.address, id: () => state.job.ID };
}

describe("what went wrong stands in the first answer", () => {
  test.each(cases.filter(({ fault }) => fault.demo !== false))("$name: $fault.about", async ({ name, fault }) => {
    const { address, id } = fault.recorded ? await recorded(fault, fault.recorded.folder) : await onDemo(name, fault);
    const args = fault.args?.(id) ?? { job_id: id("main") };
    const asked = await ask(address, fault, args, () => false);
    check(asked, fault);
    if (fault.tool !== undefined) return void sizes.first.set(name, countTokens(asked.text));
    sizes.diagnosis.set(name, countTokens(asked.text));
    const status = await ask(address, { ...fault, tool: "get_job_status" }, args, () => false);
    sizes.first.set(name, countTokens(status.text));
  });

  test("24 faults at least; half of the first answers have 110 tokens at most, each 600; of diagnoses 350 and 700", () => {
    expect(cases.length).toBeGreaterThanOrEqual(24);
    const [first, diagnosis] = [figures(sizes.first), figures(sizes.diagnosis)];
    process.stdout.write(`tokens of first answers: ${first.text}\ntokens of diagnoses: ${diagnosis.text}\n`);
    expect(first.median).toBeLessThanOrEqual(110);
    expect(first.most).toBeLessThanOrEqual(600);
    expect(diagnosis.median).toBeLessThanOrEqual(350);
    expect(diagnosis.most).toBeLessThanOrEqual(700);
  });
});

describe.runIf(real)("and on a real agent", { concurrent: true, timeout: patience * 2 }, () => {
  test.for(cases.filter(({ fault }) => fault.real))(
    "$name: $fault.about",
    async ({ name, fault }, { onTestFinished }) => {
      const nomad = new Cluster(real ?? "");
      onTestFinished(() => nomad.close());
      const id = (word: string) => nomad.id(`${name}-${word}`);
      for (const step of fault.happens ?? []) await bringAbout(step, nomad, id);
      const deadline = Date.now() + patience;
      const again = (answer: Answer) => !isThere(answer, fault) && Date.now() < deadline;
      check(await ask(nomad.address, fault, fault.args?.(id) ?? { job_id: id("main") }, again), fault);
    },
  );
});
