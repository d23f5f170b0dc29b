import type { NodeStub } from "../../../endpoints/nodes.ts";
import { nearest } from "../../../text/nearest.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { all, some } from "../../../text/words.ts";
import { driversOf, takesWork } from "../../nodes/words.ts";
import { impliedBy } from "./implied.ts";
import { inReach, type SeenNode, targetOn } from "./meets.ts";
import type { Meaning } from "./metric-texts.ts";
import type { Reason } from "./reason.ts";
import type { Surroundings } from "./surroundings.ts";
import type { View } from "./view.ts";

const mostNamed = 4;

/** What a constraint says that rules nodes out: what asks for it where Nomad put it in, else what the nodes have. */
export function constraintReason(
  { operand, target, text, value }: Extract<Meaning, { kind: "constraint" }>,
  of: string,
  { group, seen }: View,
): Omit<Reason, "nodes"> {
  const implied = impliedBy(operand === "is_set" ? `${text} ` : text, group);
  if (implied !== undefined) {
    const one = /^1 of/.test(of);
    return {
      sentence: `${implied.asks} needs ${implied.needs}, which ${of} ${one ? "does" : "do"} not have`,
      cures: implied.cures,
    };
  }
  const sentence = `the constraint ${text} rules out ${of}`;
  const cure = `change or drop the constraint ${text}, or add a node that meets it`;
  const found = seen && (misspelt(target, seen) ?? otherValues(target, value, operand, seen));
  if (!found) return { sentence, cures: [cure] };
  return { sentence: `${sentence}: ${found.sentence}`, cures: found.cures ?? [cure] };
}

interface Found {
  readonly sentence: string;
  readonly cures?: readonly string[];
}

const seenNodes = ({ nodes, whole }: Surroundings): SeenNode[] =>
  nodes.map((node) => ({ node, whole: whole.find(({ ID }) => ID === node.ID) }));

/** That no node has the key, and which key is spelt nearly so. */
function misspelt(target: string, seen: Surroundings): Found | undefined {
  const [, kind, key = ""] = /^\$\{(meta|attr)\.(.+)\}$/.exec(target) ?? [];
  if (kind === undefined) return undefined;
  const maps = seen.whole.flatMap(({ Attributes, Meta }) => {
    const map = kind === "meta" ? Meta : Attributes;
    return map ? [map] : [];
  });
  if (maps.length === 0 || maps.some((map) => Object.hasOwn(map, key))) return undefined;
  const names = [...new Set(maps.flatMap((map) => Object.keys(map)))];
  const near = nearest(key, names);
  // Of attributes there are a hundred, and their names say little.
  const told =
    near ?? (kind === "meta" ? some(names.filter((name) => !name.startsWith("connect.")).toSorted(), 3) : "");
  const all = seen.complete && seen.whole.length === seen.nodes.length;
  const whose = all
    ? "no node has"
    : `neither ${some(
        seen.whole.map(({ Name }) => Name),
        mostNamed,
        "nor",
      )} has`;
  const none = seen.whole.length === 1 && !all ? `${seen.whole[0]?.Name} does not have` : whose;
  const sentence = `${none} ${kind}.${key}${told === "" ? "" : `; there is ${kind}.${told}`}`;
  if (near === undefined) return { sentence };
  return { sentence, cures: [`write \${${kind}.${near}} in the constraint`] };
}

/** What the nodes have in place of what is asked for. */
function otherValues(target: string, value: string, operand: string, seen: Surroundings): Found | undefined {
  if (!["=", "==", "is"].includes(operand)) return undefined;
  const values = seenNodes(seen).flatMap((each) => targetOn(target, each) ?? []);
  const known = [...new Set(values)].filter((each) => each !== "");
  if (known.length === 0 || known.includes(value)) return undefined;
  const near = nearest(value, known);
  const sentence = `nodes have ${some(
    known.toSorted().map((each) => quotedLine(each, 60)),
    mostNamed,
  )}`;
  return near === undefined ? { sentence } : { sentence, cures: [`write ${near} in the constraint`] };
}

/** That drivers are missing, and which there are; or why one that is there is unhealthy. */
export function driverReason(of: string, { group, job, seen }: View): Omit<Reason, "nodes"> {
  const drivers = [...new Set((group?.Tasks ?? []).map((task) => task.Driver))];
  const nodes = (seen?.nodes ?? []).filter((node) => takesWork(node) && inReach(job, node));
  const ill = nodes.flatMap(({ Name, Drivers }) =>
    drivers.flatMap((driver) => {
      const state = Drivers?.[driver];
      if (!state?.Detected || state.Healthy) return [];
      return [`${driver} is unhealthy on ${Name} (${quotedLine(state.HealthDescription, 120) || "no reason given"})`];
    }),
  );
  const which = drivers.length === 1 ? `the driver ${drivers[0]}` : `one of the drivers ${all(drivers)}`;
  const there = healthyDrivers(nodes);
  const missing = there.length > 0 && !drivers.some((driver) => there.includes(driver));
  const others = missing ? `; there ${there.length === 1 ? "is" : "are"} ${all(there)}` : "";
  return {
    sentence: `${which} is missing or unhealthy on ${of}${ill.length > 0 ? `: ${some(ill, 2)}` : others}`,
    cures: [`use another driver, or get ${all(drivers, "or")} running on a node`],
  };
}

/** The drivers that work on any of the nodes, by name. */
export function healthyDrivers(nodes: readonly NodeStub[]): string[] {
  return [...new Set(nodes.flatMap(driversOf))].sort();
}
