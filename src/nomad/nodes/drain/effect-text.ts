import type { NomadClient } from "../../../nomad-client.ts";
import { gather } from "../../../text/gather.ts";
import { all, plural, some } from "../../../text/words.ts";
import { jobName } from "../../cluster/problems/problem.ts";
import { countOf, type Drained } from "./drained.ts";
import type { DrainEffect, Move } from "./effect.ts";

const mostNamed = 8;

/** All of the group stops before anything else of it starts, since a drain awaits no replacement before its first stop. */
const hasGap = ({ elsewhere, here, atOnce, homeless }: Move) =>
  elsewhere === 0 && here.length <= atOnce && !homeless?.count;

/** What becomes of a group of a service, in one word. */
export function fateOf(move: Move): "no place" | "gap" | "not known" | "moves" {
  if (move.homeless !== undefined && move.homeless.count > 0) return "no place";
  if (hasGap(move)) return "gap";
  return move.homeless === undefined || move.elsewhere === undefined ? "not known" : "moves";
}

/** What a drain would do, as what follows "would": "move 4 allocations of 3 jobs, 1 with a gap, and kill 1 of batch work for good". */
export function effectInShort(
  { services, batch, sysbatch, system, complete }: DrainEffect,
  keepSystem: boolean,
): string {
  const moving = services.filter(({ here, homeless }) => here.length > (homeless?.count ?? 0));
  const jobs = new Set(moving.map(({ namespace, jobId }) => JSON.stringify([namespace, jobId]))).size;
  const gaps = services.filter((move) => fateOf(move) === "gap").length;
  const homeless = services.reduce((sum, move) => sum + (move.homeless?.count ?? 0), 0);
  const moved = countOf(services) - homeless;
  const parts = [
    moved > 0 &&
      `move ${plural(moved, "allocation")} of ${plural(jobs, "service")}${gaps > 0 ? ` (${gaps} with a gap)` : ""}`,
    homeless > 0 && `end ${homeless} for which there is no other place`,
    batch.length + sysbatch.length > 0 && `kill ${countOf(batch) + countOf(sysbatch)} of batch work for good`,
    system.length > 0 && !keepSystem && `stop ${countOf(system)} of system jobs`,
  ].filter((part): part is string => typeof part === "string");
  if (parts.length === 0) return "move nothing: nothing runs there that it moves";
  return `${all(parts)}${complete ? "" : "; more runs there than was read"}`;
}

/** What a drain would do to which jobs, a line each, what hurts most first. */
export function effectLines(
  { services, batch, sysbatch, system }: DrainEffect,
  nomad: NomadClient,
  keepSystem: boolean,
): string[] {
  const groups = [...services, ...batch, ...sysbatch, ...system];
  const name = nameOf(groups, nomad);
  const names = (which: readonly Drained[]) => some(which.map(name), mostNamed);
  const of = (fate: ReturnType<typeof fateOf>) => services.filter((move) => fateOf(move) === fate);
  const line = (which: readonly Drained[], text: (names: string) => string) =>
    which.length > 0 ? [text(names(which))] : [];
  return [
    ...[...gather(of("no place"), ({ homeless }) => homeless?.why ?? "")].map(
      ([why, which]) => `no other place: ${names(which)}: ${why}`,
    ),
    ...line(of("gap"), (which) => `gap: ${which}: all of it runs here and stops before the next one starts`),
    ...line(batch, (which) => `killed for good: ${which}: may end by itself until the deadline, and is not run again`),
    ...line(sysbatch, (which) => `killed for good: ${which} (sysbatch): not run again on this node`),
    ...line(of("not known"), (which) => `not known whether there is another place: ${which}`),
    ...line(of("moves"), (which) => `moves without a gap: ${which}`),
    ...line(system, (which) => (keepSystem ? `stays: ${which} (system)` : `stopped last: ${which} (system)`)),
  ];
}

/** "web (2)", "checkout group api", "billing (namespace prod)" */
function nameOf(groups: readonly Drained[], nomad: NomadClient): (group: Drained) => string {
  const several = gather(groups, ({ namespace, jobId }) => JSON.stringify([namespace, jobId]));
  return ({ jobId, namespace, group, here }) => {
    const one = (several.get(JSON.stringify([namespace, jobId]))?.length ?? 0) < 2;
    const job = jobName({ id: jobId, namespace }, nomad.home);
    return `${job}${one ? "" : ` group ${group}`}${here.length > 1 ? ` (${here.length})` : ""}`;
  };
}

/** What of an effect a person decides by: what is lost, and which services are hit how, but not how many allocations move. */
export function effectStamp({ services, batch, sysbatch, system }: DrainEffect): string {
  const ended = [...batch, ...sysbatch].flatMap(({ here }) => here.map(({ ID }) => ID));
  const hit = services.map((move) => [move.namespace, move.jobId, move.group, fateOf(move)].join("/"));
  const stopped = system.map(({ namespace, jobId }) => [namespace, jobId].join("/"));
  return JSON.stringify([ended.toSorted(), hit.toSorted(), stopped.toSorted()]);
}
