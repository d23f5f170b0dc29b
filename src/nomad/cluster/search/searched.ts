import { all } from "../../../text/words.ts";
import type { Part } from "../../shared/parts.ts";
import { why } from "../problems/limits.ts";
import { type LookedUp, lookedUpKinds, mostLookedUp } from "./look-up.ts";

/** The reads of one search, as far as it made them. */
export interface Reads {
  readonly jobs: Part<unknown>;
  /** Names inside jobs. */
  readonly inside: Part<unknown>;
  /** Runs of parents that are gone. */
  readonly left: Part<unknown>;
  readonly nodes: Part<unknown>;
  readonly hostVolumes: Part<unknown>;
  readonly csiVolumes: Part<unknown>;
  readonly looked: Part<LookedUp>;
  /** Of the beginning of an id: what has ids. Empty where the text can be none. */
  readonly ids: readonly (readonly [kind: string, read: Part<unknown>])[];
}

/** What was searched: "names of jobs and nodes, ..."; and what was not, with the reason. */
export interface Searched {
  readonly what: string;
  /** "nodes (the token needs ...)" */
  readonly not: readonly string[];
}

/** Says of each read what it means that it found nothing. */
export function searched(reads: Reads): Searched {
  const named = [
    ["jobs", reads.jobs, "list-jobs"],
    ["what they hold (groups, tasks, services, drivers, images, commands)", reads.inside, "read-job"],
    ["nodes", reads.nodes, 'node { policy = "read" }'],
    ["dynamic host volumes", reads.hostVolumes, "host-volume-read"],
    ["CSI volumes", reads.csiVolumes, "csi-list-volume"],
  ] as const;
  const looked = "value" in reads.looked ? reads.looked.value : undefined;
  const seen = lookedUpKinds.filter((kind) => looked && !looked.leftOut.includes(kind));
  const part = looked?.onlyBeginnings ? "the beginning of names" : "names";
  const names = named.filter(([, read]) => "value" in read).map(([what]) => what);
  const ids = reads.ids.filter(([, read]) => "value" in read).map(([kind]) => kind);
  const what = [
    ...(names.length > 0 ? [`names of ${all(names)}`] : []),
    ...(seen.length > 0 ? [`${part} of ${all(seen)} (the first ${mostLookedUp} of each)`] : []),
    ...(ids.length > 0 ? [`the beginning of ids of ${all(ids)}`] : []),
  ];
  const failed = (what: string, read: Part<unknown>, needs: string) =>
    "failed" in read ? [`${what} (${why(read.failed, needs)})`] : [];
  return {
    what: what.join("; "),
    not: [
      ...named.flatMap(([what, read, needs]) => failed(what, read, needs)),
      ...reads.ids.flatMap(([kind, read]) => (kind === "nodes" ? [] : failed(`ids of ${kind}`, read, "read-job"))),
      ...("failed" in reads.jobs ? [] : failed("runs of purged parents", reads.left, "list-jobs")),
      ...failed(all(lookedUpKinds), reads.looked, "read-job"),
      ...(looked && looked.leftOut.length > 0 ? [`${all(looked.leftOut)} (the token may not)`] : []),
    ],
  };
}
