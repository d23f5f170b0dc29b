import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createSecrets } from "../../src/secrets/secrets.ts";
import { secretAt } from "../support/raw/route-at.ts";

type Pair = readonly [place: string, name: string, value: string];
type Half = { readonly secret: readonly Pair[]; readonly open: readonly Pair[] };

const corpus: { readonly written: Half; readonly public: Half } = JSON.parse(
  readFileSync(new URL("pairs.json", import.meta.url), "utf8"),
);

/** What an answer makes of the pair, whose job was read by the same call. */
function told([place, name, value]: Pair): string {
  const parts: Record<string, object> = {
    env: { Env: { [name]: value } },
    meta: { Meta: { [name]: value } },
    tag: { Services: [{ Name: "s", Tags: [value] }] },
    arg: { Config: { args: [name, value] } },
    header: { Services: [{ Name: "s", Checks: [{ Header: { [name]: [value] } }] }] },
  };
  const written: Record<string, string> = { tag: `tags = ["${value}"]`, arg: `args = ["${name}", "${value}"]` };
  const call = createSecrets().forCall();
  call.note(
    { secret: secretAt("/v1/job/j") },
    { ID: "j", TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", ...parts[place] }] }] },
  );
  return call.mask(written[place] ?? `${name} = "${value}"`);
}

/** The part of a value that is secret where the rest of it is open: the password of a URL, of an option, of a pair. */
function secretPart([, , value]: Pair): string {
  const part =
    /(?:password=|Pwd=|token=|TOKEN=|session=|PASSWORD=|"password":"|:\/\/[\w]*:?|users=\w+:|Key=|user=)([^\s";@]+)/.exec(
      value,
    );
  return part?.[1] ?? value;
}

const secrets = [...corpus.written.secret, ...corpus.public.secret];
const open = [...corpus.written.open, ...corpus.public.open];

test("of 200 secret pairs at most 2 are shown, and of 400 open ones at most 4 masked", () => {
  expect(
    [corpus.written.secret, corpus.public.secret, corpus.written.open, corpus.public.open].map((half) => half.length),
  ).toEqual([100, 100, 200, 200]);
  const shown = secrets.filter((pair) => told(pair).includes(secretPart(pair)));
  const masked = open.filter((pair) => told(pair).includes("[masked]"));
  process.stdout.write(
    `pairs: ${shown.length} of ${secrets.length} secret ones shown, ${masked.length} of ${open.length} open ones masked\n`,
  );
  expect({ shown: shown.length <= 2 || shown, masked: masked.length <= 4 || masked }).toEqual({
    shown: true,
    masked: true,
  });
});
