import { jobStructs, type Keys } from "./job-keys.ts";

/**
 * What is meant by a key that is none of `keys`: the same in Nomad's spelling, or the key that holds it. Undefined where
 * it is not clear.
 */
export function meantKey(given: string, keys: Keys): string | undefined {
  const same = find(given, keys);
  if (same !== undefined) return `Nomad's JSON calls it ${same}`;
  for (const { name, type } of keys.values()) {
    const inside = find(given, jobStructs().get(type.replace("[]", "")));
    if (inside !== undefined) return `Nomad's JSON has it in ${name}, as ${inside}`;
  }
  return undefined;
}

/** The known key that is nearest to one that Nomad does not have, for people. */
export function nearestKey(given: string, keys: Keys): string {
  const text = plain(given);
  const [nearest] = [...keys.values()]
    .map(({ name }) => ({ name, edits: edits(text, plain(name)) }))
    .sort((one, other) => one.edits - other.edits);
  if (nearest !== undefined && nearest.edits < text.length / 2) return `Nomad has no such key; ${nearest.name} is near`;
  return keys.has("driver") ? "Nomad has no such key; options of the driver stand in Config" : "Nomad has no such key";
}

function find(given: string, keys: Keys | undefined): string | undefined {
  const known = [...(keys?.values() ?? [])];
  return (keys?.get(plain(given)) ?? known.find(({ hcl }) => hcl === given.toLowerCase()))?.name;
}

const plain = (key: string) => key.slice(0, 60).toLowerCase().replaceAll(/[_-]/g, "");

/** How many characters must be put in, taken out or changed to make the one text of the other (Levenshtein). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, character] of [...one].entries()) {
    const above = row;
    row = [line + 1];
    for (let column = 1; column <= other.length; column++) {
      const changed = (above[column - 1] ?? 0) + (other[column - 1] === character ? 0 : 1);
      row.push(Math.min(changed, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
