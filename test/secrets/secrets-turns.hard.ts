import { expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { processorTime } from "../support/processor-time.ts";

// A reply full of secrets is worked on for seconds: a ping, and other calls, are answered meanwhile.

const megabyte = 1_000_000;

/** Lines of a megabyte, each made of its number. */
function lines(line: (index: number) => string): string[] {
  const made: string[] = [];
  for (let [index, length] = [0, 0]; length < megabyte; index++) {
    const next = line(index);
    made.push(next);
    length += next.length + 1;
  }
  return made;
}

const random = (index: number) =>
  Buffer.from(`${(index * 2_654_435_761) % 4_294_967_296}xy${index}`).toString("base64");
const task = (fields: object) => ({ TaskGroups: [{ Tasks: [fields] }] });
const template = (of: readonly string[]) => task({ Templates: [{ EmbeddedTmpl: of.join("\n") }] });

const replies: Readonly<Record<string, object>> = {
  "random values in one template": template(lines((index) => `DB_PASSWORD_${index}=${random(index)}`)),
  "plain values in one template": template(lines((index) => `password: ab${index}`)),
  "names without values in one template": template(lines(() => "password")),
  "an environment": task({
    Env: Object.fromEntries(lines(random).map((value, index) => [`DB_PASSWORD_${index}`, value])),
  }),
  "many templates": task({
    Templates: lines((index) => `TOKEN=${random(index)}`).map((line) => ({ EmbeddedTmpl: line })),
  }),
};

test.each(Object.entries(replies))(
  "a megabyte of %s leaves others their turn",
  { timeout: 120_000 },
  async (_, reply) => {
    const turns: number[] = [];
    let last = processorTime();
    let done = false;
    const turn = () => {
      const now = processorTime();
      turns.push(now - last);
      last = now;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await createSecrets().forCall().noteInTurns({}, reply, new AbortController().signal);
    done = true;
    turn();
    // Several turns: it is a reply that takes long.
    expect(turns.length).toBeGreaterThan(5);
    expect(Math.max(...turns)).toBeLessThan(250);
  },
);
