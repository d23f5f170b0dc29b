import { Refusal } from "../../../api/errors/refusal.ts";
import { seal, sealBlock, unseal } from "../../../text/sealed.ts";
import { some } from "../../../text/words.ts";
import { type Statement, statements } from "./hcl-names.ts";
import { isObject } from "./job-json.ts";

/** A group of a job file, or a task in one. */
export interface FilePart {
  readonly group?: string | undefined;
  readonly task?: string | undefined;
}

/**
 * The text of a group or a task as it stands in a job file, with the comments in it; all of it where none is named.
 *
 * @throws Refusal that names those that there are.
 */
export function filePart(text: string, part: FilePart): string {
  const plain = unseal(text);
  if (part.group === undefined && part.task === undefined) return text;
  return sealBlock(plain.trimStart().startsWith("{") ? ofJson(plain, part) : ofHcl(plain, part));
}

function ofHcl(hcl: string, { group, task }: FilePart): string {
  const jobs = blocks(hcl, 0, "job").flatMap((job) => blocks(job.body, job.from, "group"));
  const groups = group === undefined ? jobs : [pick("group", jobs, group)];
  const [one] = groups;
  if (task === undefined && one !== undefined) return hcl.slice(one.start, one.end);
  const tasks = groups.flatMap((each) => blocks(each.body, each.from, "task"));
  const found = pick("task", tasks, task ?? "");
  return hcl.slice(found.start, found.end);
}

/** A block, and where it is in the whole text. */
interface Block {
  readonly name: string;
  readonly body: string;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

function blocks(text: string, offset: number, type: string): Block[] {
  return statements(text).flatMap(({ words, body, start: begin, at }: Statement) => {
    if (words[0] !== type || body === undefined || at === undefined) return [];
    const lineStart = text.lastIndexOf("\n", begin) + 1;
    const start = text.slice(lineStart, begin).trim() === "" ? lineStart : begin;
    return [{ name: words[1] ?? "", body, from: offset + at.body, start: offset + start, end: offset + at.end }];
  });
}

function ofJson(text: string, { group, task }: FilePart): string {
  const whole: unknown = JSON.parse(text);
  const job = isObject(whole) && isObject(whole.Job) ? whole.Job : whole;
  const groups = named(isObject(job) ? job.TaskGroups : undefined);
  const chosen = group === undefined ? groups : [pick("group", groups, group)];
  const [one] = chosen;
  if (task === undefined && one !== undefined) return JSON.stringify(one.value, null, 2);
  const tasks = chosen.flatMap(({ value }) => named(value.Tasks));
  return JSON.stringify(pick("task", tasks, task ?? "").value, null, 2);
}

function named(list: unknown): { readonly name: string; readonly value: Record<string, unknown> }[] {
  const items: unknown[] = Array.isArray(list) ? list : [];
  return items.flatMap((value) => (isObject(value) ? [{ name: String(value.Name), value }] : []));
}

function pick<T extends { readonly name: string }>(kind: string, all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === unseal(name));
  if (found !== undefined) return found;
  const names = all.map((each) => seal(each.name));
  throw new Refusal(
    `The file has no ${kind} ${name}; ${names.length > 0 ? `it has ${some(names, 10)}` : "it has none"}.`,
  );
}
