import { policyFor } from "../../../api/capabilities.ts";
import { all } from "../../../text/words.ts";
import { plainWord, readNeed } from "./needs.ts";
import type { Lack, Usable } from "./usable.ts";

/** Which tools a token does not let through and what each lacks, those that lack the same in one line; and the cure. */
export function toolLines(tools: readonly Usable[]): string[] {
  const closed = tools.filter(({ lacks }) => lacks.length > 0);
  // A tool that cannot be used gains nothing from what would make it better.
  const poorer = tools.filter(({ lacks, misses }) => lacks.length === 0 && misses.length > 0);
  const unsure = tools.filter(({ untold }) => untold.length > 0);
  const [beyond, granted] = [closed.filter(isBeyondPolicies), closed.filter((tool) => !isBeyondPolicies(tool))];
  const wanted = [
    ...granted.flatMap(({ lacks, misses }) => [...lacks, ...misses]),
    ...poorer.flatMap(({ misses }) => misses),
  ];
  return [
    ...section("cannot be used:", grouped(closed, "lacks", "need")),
    ...section("can be used, and tell less:", grouped(poorer, "misses", "want")),
    ...section("may be refused, what the token grants cannot be told:", grouped(unsure, "untold", "need")),
    ...section(beyond.length > 0 ? "a policy that allows the rest:" : "a policy that allows all of it:", grant(wanted)),
  ];
}

/** True for a tool that no policy lets through. */
function isBeyondPolicies({ lacks }: Usable): boolean {
  return lacks.some(({ word }) => word === "management");
}

function section(heading: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [`  ${heading}`, ...rows.map((row) => `    ${row}`)];
}

/** "submit_job_file, create_job: need submit-job in namespace prod". */
function grouped(tools: readonly Usable[], what: "lacks" | "misses" | "untold", verb: string): string[] {
  const groups = new Map<string, string[]>();
  for (const { tool, [what]: lacks } of tools) {
    const key = lackText(lacks);
    groups.set(key, [...(groups.get(key) ?? []), tool]);
  }
  return [...groups].map(([key, names]) => `${names.join(", ")}: ${verb}${names.length === 1 ? "s" : ""} ${key}`);
}

function lackText(lacks: readonly Lack[]): string {
  return all(
    [...byNamespace(lacks)].map(([namespace, words]) => {
      if (namespace === undefined) {
        const others = words.filter((word) => word !== "management").map(plainWord);
        return all(words.length > others.length ? [...others, "management, which no policy gives"] : others);
      }
      return `${all(words.map(plainWord))} in ${namespace === "*" ? "at least one namespace" : `namespace ${namespace}`}`;
    }),
  );
}

/** The policy that grants what is lacking. */
function grant(lacks: readonly Lack[]): string[] {
  return [...byNamespace(lacks)].flatMap(([namespace, words]) =>
    policyFor(words.map(readNeed), namespace ?? "*").split("\n"),
  );
}

/** Words by namespace, each once; what is no matter of namespaces comes last. */
function byNamespace(lacks: readonly Lack[]): ReadonlyMap<string | undefined, readonly string[]> {
  const places = new Map<string | undefined, string[]>();
  const spaced = lacks.filter(({ namespace }) => namespace !== undefined);
  for (const { word, namespace } of [...spaced, ...lacks.filter((each) => !spaced.includes(each))]) {
    const words = places.get(namespace) ?? [];
    if (!words.includes(word)) places.set(namespace, [...words, word]);
  }
  return places;
}
