import { explain } from "../../api/errors/explain.ts";
import type { Variable } from "../../endpoints/variables.ts";
import type { NomadClient } from "../../nomad-client.ts";
import type { Answer } from "../../text/answer.ts";
import { firstLine, lines, plural, some } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import { given, type Part } from "../shared/parts.ts";
import { type Preview, placeLines, stampOf } from "../shared/preview.ts";
import { mostKeys, type PlannedChange } from "./change.ts";
import { effect, type Reader, type Readers } from "./readers.ts";

/** So many tasks that read a variable are told. */
const mostReaders = 6;

/** What a change of a variable is about. `what`: what would be done, as a sentence; `before`: the variable as it is, if there is one. */
export function previewText(
  nomad: NomadClient,
  {
    what,
    path,
    before,
    readers,
  }: {
    readonly what: string;
    readonly path: string;
    readonly before: Variable | undefined;
    readonly readers: Part<Readers>;
  },
): Preview {
  const keys =
    before === undefined ? "new: there is none of that path" : plural(Object.keys(before.Items ?? {}).length, "key");
  return {
    text: lines(
      what,
      `  variable: ${path} (${keys})`,
      ...placeLines(nomad),
      ...[...readerLines(readers), nobody(nomad, readers)].map((line) => line && `  read by: ${line}`),
    ),
    stamp: stampOf(nomad, nomad.namespace, path, before?.CreateIndex ?? 0, before?.ModifyIndex ?? 0),
  };
}

/** "set db_password, add url, unset old" */
export function changeWords({ added, changed, removed }: PlannedChange): string {
  return [
    changed.length > 0 && `change ${some(changed, mostKeys)}`,
    added.length > 0 && `add ${some(added, mostKeys)}`,
    removed.length > 0 && `remove ${some(removed, mostKeys)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** What was stored, who reads it, and what that comes to. Values are not told. */
export function storedAnswer(
  nomad: NomadClient,
  planned: PlannedChange,
  index: number,
  readers: Part<Readers>,
): Answer {
  const { path, before, added, changed, removed, already, untouched } = planned;
  const done = [
    changed.length > 0 && `changed ${some(changed, mostKeys)}`,
    added.length > 0 && `${before === undefined ? "" : "added "}${some(added, mostKeys)}`,
    removed.length > 0 && `removed ${some(removed, mostKeys)}`,
  ].filter(Boolean);
  const verb = before === undefined ? "made, with" : "stored:";
  const [first] = inOrder(given(readers)?.readers ?? []);
  return {
    headline: `${path} (namespace ${nomad.namespace}) ${verb} ${done.join("; ")}`,
    sections: [
      untouched.length > 0 && `Untouched: ${some(untouched, mostKeys)}`,
      already.length > 0 && `So already: ${some(already, mostKeys)}`,
      ...readerLines(readers),
      sentence(nobody(nomad, readers)),
    ],
    next: first ? [`${showStep(nomad, "job", first.jobId)} shows how it is then`] : [],
    data: { ...factsOf(nomad, path, readers), added, changed, removed, untouched, index },
  };
}

/** Of a change after which everything would be as it is. */
export function sameAnswer(nomad: NomadClient, { path, already, before }: PlannedChange): Answer {
  return {
    headline: `${path} (namespace ${nomad.namespace}) is so already: ${some(already, mostKeys)}. Nothing was changed`,
    data: { path, namespace: nomad.namespace, added: [], changed: [], removed: [], index: before?.ModifyIndex },
  };
}

/** What was deleted, and who still reads it. */
export function deletedAnswer(nomad: NomadClient, { Path, Items }: Variable, readers: Part<Readers>): Answer {
  const keys = Object.keys(Items ?? {}).toSorted();
  const found = given(readers)?.readers ?? [];
  const tasks = found.map(({ jobId, task }) => `task ${task} of ${jobId}`);
  const [first] = found;
  return {
    headline: `${Path} (namespace ${nomad.namespace}) deleted, with ${plural(keys.length, "key")}: ${some(keys, mostKeys)}`,
    sections:
      tasks.length > 0
        ? [
            `Read by ${some(tasks, mostReaders)}: what runs goes on with what it has; what starts from now on waits for it`,
          ]
        : [sentence(nobody(nomad, readers))],
    next: first ? [`${showStep(nomad, "job", first.jobId)} shows how it is`] : [],
    data: { ...factsOf(nomad, Path, readers), removed: keys },
  };
}

function factsOf(nomad: NomadClient, path: string, readers: Part<Readers>) {
  const tasks = given(readers)?.readers.map(({ jobId, group, task, mode }) => ({
    job_id: jobId,
    group,
    task,
    change_mode: mode,
  }));
  return { path, namespace: nomad.namespace, readers: tasks };
}

/** What a change does to those who read the variable, those first that restart. */
function readerLines(readers: Part<Readers>): string[] {
  if ("failed" in readers) return [];
  const { readers: found, more } = readers.value;
  const told = inOrder(found).slice(0, mostReaders).map(effect);
  return more || found.length > told.length ? [...told, "and tasks of more jobs, which are not told here"] : told;
}

/** Where nobody is known to read it: why. */
function nobody(nomad: NomadClient, readers: Part<Readers>): string {
  if ("failed" in readers) return `which jobs read it could not be seen (${firstLine(explain(readers.failed))})`;
  if (readers.value.readers.length > 0) return "";
  return `no template of a job in namespace ${nomad.namespace} names it, so nothing restarts`;
}

const modes = ["restart", "signal", "script", "noop"];
const inOrder = (readers: readonly Reader[]) =>
  readers.toSorted((one, other) => modes.indexOf(one.mode) - modes.indexOf(other.mode));

const sentence = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
