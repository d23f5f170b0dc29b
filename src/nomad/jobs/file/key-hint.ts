import { nearest } from "../../../text/nearest.ts";
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
  const near = nearest(
    given,
    [...keys.values()].map(({ name }) => name),
    plain,
  );
  if (near !== undefined) return `Nomad has no such key; ${near} is near`;
  return keys.has("driver") ? "Nomad has no such key; options of the driver stand in Config" : "Nomad has no such key";
}

function find(given: string, keys: Keys | undefined): string | undefined {
  const known = [...(keys?.values() ?? [])];
  return (keys?.get(plain(given)) ?? known.find(({ hcl }) => hcl === given.toLowerCase()))?.name;
}

const plain = (key: string) => key.slice(0, 60).toLowerCase().replaceAll(/[_-]/g, "");
