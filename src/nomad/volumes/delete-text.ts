import type { VolumeClaim } from "../../endpoints/volumes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { lines, short, some } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import { given, type Part } from "../shared/parts.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import type { Deletion } from "./delete.ts";
import type { FoundVolume } from "./find.ts";
import type { Namers } from "./namers.ts";
import { placed } from "./plan.ts";
import { createStep } from "./steps.ts";
import { volumeState } from "./words.ts";

const mostNamed = 5;
/** What is done, before and afterwards, and what becomes of the directory. */
const words: Readonly<Record<Deletion, { readonly does: string; readonly did: string; readonly directory: string }>> = {
  deletes: {
    does: "Delete host volume",
    did: "deleted, with all that was in it",
    directory: "is deleted, with all that is in it",
  },
  unregisters: {
    does: "Unregister host volume",
    did: "unregistered; its directory stays, with all that is in it",
    directory: "was there before and stays, with all that is in it",
  },
  forgets: {
    does: "Have the servers forget host volume",
    did: "forgotten by the servers; its directory stays on the node's disk. If the node came back, it would hold the name and no job could use it",
    directory: "stays on the node's disk",
  },
};

/** What a person is shown before a volume is deleted; the consent is bound to the volume and to the state of its node. */
export function previewDeletion(
  nomad: NomadClient,
  { volume, node }: FoundVolume,
  how: Deletion,
  { namers, claims }: { readonly namers: Part<Namers>; readonly claims: readonly VolumeClaim[] | undefined },
): Preview {
  const where = node?.Name ?? short(volume.NodeID);
  return {
    text: lines(
      `${words[how].does} ${placed(volume, where)}`,
      `  volume: ${volume.Name} (${short(volume.ID)}, ${volumeState(volume, node).text})`,
      ...placeLines(nomad),
      `  directory: ${volume.HostPath} ${words[how].directory}`,
      `  named by: ${namedBy(namers)}`,
      (claims?.length ?? 0) > 0 && `  claimed by: ${some(holders(claims), mostNamed)}`,
    ),
    stamp: stampOf(nomad, volume.ID, volume.ModifyIndex, node === null ? null : (node?.Status ?? "gone")),
  };
}

const holders = (claims: readonly VolumeClaim[] | undefined) => [...new Set((claims ?? []).map(({ JobID }) => JobID))];

function namedBy(namers: Part<Namers>): string {
  const read = given(namers);
  if (read === undefined) return "not known: the jobs could not be read";
  if (read.jobs.length === 0) return `no job of its namespace`;
  return `${namesOf(read)}, which find${read.jobs.length === 1 && !read.more ? "s" : ""} no such volume then`;
}

const namesOf = ({ jobs, more }: Namers) =>
  `${some(
    jobs.map(({ id, stopped }) => (stopped ? `${id} (stopped)` : id)),
    mostNamed,
  )}${more ? " and more" : ""}`;

/** What was deleted, and who named it. */
export function deletedAnswer(
  nomad: NomadClient,
  { volume, node }: FoundVolume,
  how: Deletion,
  namers: Part<Namers>,
): Answer {
  const where = node?.Name ?? short(volume.NodeID);
  const read = given(namers);
  const [first] = (read?.jobs ?? []).filter(({ stopped }) => !stopped);
  const anew = how === "deletes" ? createStep(nomad, { name: volume.Name, node: where }, "") : "";
  return {
    headline: `Host volume ${placed(volume, where)} ${words[how].did}`,
    sections: [read !== undefined && read.jobs.length > 0 && `Named by ${namesOf(read)}`],
    next:
      first === undefined ? [] : [`${showStep(nomad, "job", first.id)} shows what becomes of it`, anew].filter(Boolean),
    data: { volume_id: volume.ID, name: volume.Name, node: where, deleted: how !== "forgets" },
  };
}
