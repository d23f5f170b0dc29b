import { explain } from "../../api/errors/explain.ts";
import { type Answer, valueMark } from "../../text/answer.ts";
import { showLine } from "../../text/sealed.ts";
import { table } from "../../text/table.ts";
import { age, ago, fromNanoseconds } from "../../text/time.ts";
import { firstLine, plural, some } from "../../text/words.ts";
import { toolOrCommand } from "../shared/next-step.ts";
import type { Part } from "../shared/parts.ts";
import type { FoundVariable } from "./find.ts";
import type { ListedVariables } from "./list.ts";
import type { Readers } from "./readers.ts";

/** So many keys are told. */
const mostKeys = 100;

/** A variable's keys, and who reads it. `hiddenBy`: the setting that would show the values; undefined where they are shown. */
export function variableAnswer(
  { nomad, variable, note }: FoundVariable,
  readers: Part<Readers>,
  hiddenBy: string | undefined,
): Answer {
  const { Path, Namespace, Items, Lock, ModifyIndex, ModifyTime, CreateTime } = variable;
  const now = nomad.now();
  const all = Object.entries(Items ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const items = all.slice(0, mostKeys);
  const shown = hiddenBy === undefined;
  const changed = fromNanoseconds(ModifyTime) ?? now;
  const made = ModifyTime === CreateTime ? "made" : "changed";
  const names = items.map(([name]) => name);
  const more = all.length > items.length ? ` and ${all.length - items.length} more` : "";
  const keys = plural(all.length, "key");
  return {
    note,
    headline: `${Path} (namespace ${Namespace}): ${keys}${shown || all.length === 0 ? "" : ` (${names.join(", ")}${more})`}, ${made} ${ago(changed, now)}`,
    sections: [
      Lock != null && `Locked: nobody else may change it until its holder lets go, or does not renew for ${Lock.TTL}`,
      shown &&
        items.length > 0 &&
        `\n${table(
          ["key", "value"],
          names.map((name, index) => [name, valueMark(index)]),
        )}\n`,
      !shown && `Values are not shown: ${hiddenBy} decides that`,
      readBy(readers),
    ],
    values: shown ? items.map(([, value]) => showLine(value)) : [],
    data: {
      ...{ path: Path, namespace: Namespace, keys: all.map(([name]) => name), index: ModifyIndex },
      ...(shown && { items: Object.fromEntries(names.map((name, index) => [name, valueMark(index)])) }),
    },
  };
}

function readBy(readers: Part<Readers>): string {
  if ("failed" in readers) return `Which jobs read it could not be seen: ${firstLine(explain(readers.failed))}`;
  const tasks = readers.value.readers.map(({ jobId, task, mode }) => `task ${task} of ${jobId} (change_mode ${mode})`);
  if (tasks.length === 0) return "No template of a job in its namespace names it";
  return `Read by ${some(tasks, 6)}${readers.value.more ? " and others" : ""}`;
}

/** Which variables there are: paths and ages. */
export function variablesAnswer({ nomad, rows, next, prefix }: ListedVariables): Answer {
  const now = nomad.now();
  const everywhere = nomad.namespace === "*";
  const where = everywhere ? "in all namespaces" : `in namespace ${nomad.namespace}`;
  const under = prefix === undefined ? "" : ` under ${prefix}`;
  const cells = rows.map(({ Path, Namespace, ModifyTime }) => [
    Path,
    ...(everywhere ? [Namespace] : []),
    age(fromNanoseconds(ModifyTime) ?? now, now),
  ]);
  const [first] = rows;
  const look =
    first && toolOrCommand(nomad.in(first.Namespace), ["get_variable", { path: first.Path }], ["var get", first.Path]);
  return {
    headline:
      rows.length === 0
        ? `No variable${under} ${where} that the token may list`
        : `${plural(rows.length, "variable")}${under} ${where}${next === undefined ? "" : ", more follow"}`,
    sections: [rows.length > 0 && `\n${table(["path", ...(everywhere ? ["namespace"] : []), "changed"], cells)}`],
    next: [
      ...(next === undefined ? [] : [`cursor=${next}`]),
      ...(look === undefined ? [] : [`${look} shows its keys`]),
    ],
    data: {
      variables: rows.map(({ Path, Namespace, ModifyIndex }) => ({
        path: Path,
        namespace: Namespace,
        index: ModifyIndex,
      })),
      cursor: next,
    },
  };
}
