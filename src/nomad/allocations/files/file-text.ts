import type { Allocation } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { ago, fromGoTime } from "../../../text/time.ts";
import { quoted } from "../../../text/untrusted.ts";
import { bytes, grouped, plural, short } from "../../../text/words.ts";
import { readStep } from "./file-errors.ts";
import type { ReadPart } from "./read-file.ts";

/** A part of a file as an answer. `tail`: whether its end was asked for. */
export function fileAnswer(nomad: NomadClient, allocation: Allocation, part: ReadPart, tail: boolean): Answer {
  const { path, file, text, from, to, beheaded } = part;
  const changed = fromGoTime(file.ModTime);
  const { ID, JobID, Namespace } = allocation;
  const when = changed === undefined ? "" : `, changed ${ago(changed, nomad.now())}`;
  const heading = `${whatPart(part, tail)} (written by the workload)`;
  return {
    headline: `${path} of ${short(ID)} (${JobID}): ${file.Size === 0 ? "empty" : bytes(file.Size)}${when}`,
    sections: [
      part.lines > 0
        ? `\n${heading}:\n${quoted(beheaded ? `…${text}` : text)}`
        : file.Size > 0 && "It ends before that.",
    ],
    next: to < file.Size ? [readStep(nomad, allocation, path, { offset: to })] : [],
    data: {
      allocation_id: ID,
      job_id: JobID,
      namespace: Namespace,
      file: path,
      size: file.Size,
      from,
      to,
      ...(to < file.Size && { next_offset: to }),
    },
  };
}

function whatPart({ lines, from, to, file: { Size } }: ReadPart, tail: boolean): string {
  if (from === 0 && to === Size) return lines === 1 ? "its only line" : `all ${plural(lines, "line")}`;
  if (tail) return lines === 1 ? "last line" : `last ${plural(lines, "line")}`;
  return `${plural(lines, "line")}, bytes ${grouped(from)} to ${grouped(to)}`;
}
