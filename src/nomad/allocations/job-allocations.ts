import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations, type ClientStatus } from "../../endpoints/allocations.ts";
import type { Job } from "../../endpoints/job.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fromNanoseconds } from "../../text/time.ts";
import { taskTrouble } from "./task-trouble.ts";

/** A job's allocations, what should run before what has ended, the troubled ones first. */
export interface JobAllocations {
  /** What should run and is not replaced, troubled ones first. */
  readonly current: readonly AllocationRow[];
  /** The newest of the others. */
  readonly ended: readonly AllocationRow[];
  /** True where there are more of them than are given. */
  readonly currentCut: boolean;
  readonly endedCut: boolean;
  /** Where the answer after this one begins. */
  readonly next: string | undefined;
  /** True for an answer after the first: then the current ones may have been told already. */
  readonly later: boolean;
}

/** One allocation of the list. */
export interface AllocationRow {
  readonly allocation: AllocationStub;
  /** What is or went wrong, as far as it was read; the tasks of most ended ones are not. */
  readonly trouble: string | undefined;
}

/** Which of them are wanted, and how many at most. */
export interface AllocationFilter {
  readonly group?: string | undefined;
  readonly status?: ClientStatus | undefined;
  readonly limit: number;
  /** From the answer before. */
  readonly cursor?: string | undefined;
}

/** A place in one of the two lists: a page by Nomad's token (empty: the first), and the beginning of the id of the last of it that was told. */
interface Place {
  readonly list: "current" | "ended";
  readonly token: string;
  readonly after: string;
}

/** With the states of its tasks an allocation is 7 to 11 KB: so many of those in trouble, and of the last that failed. */
const mostTroubled = 5;
const mostFailed = 2;

/**
 * Reads a job's allocations in one parallel round whose size depends on `limit` only, however many there are. Group and
 * status are compared by Nomad.
 *
 * @throws Refusal for a cursor that is none.
 */
export async function jobAllocations(nomad: NomadClient, job: Job, wanted: AllocationFilter): Promise<JobAllocations> {
  const { limit, cursor } = wanted;
  const from = cursor === undefined ? undefined : placeOf(cursor);
  const list = async (filter: string, per_page: number, task_states: boolean, token?: string) => {
    const all = [`JobID == ${literal(job.ID)}`, ...asked(wanted), filter].join(" and ");
    const page = await nomad.list(allocations.list, {
      filter: all,
      reverse: true,
      per_page,
      task_states,
      next_token: token || undefined,
    });
    // What is older than the job belongs to an earlier job of the same id.
    return { ...page, items: page.items.filter(({ CreateIndex }) => CreateIndex >= job.CreateIndex) };
  };
  const none = { items: [], next: undefined };
  const inTrouble = [`ClientStatus != "running"`, ...restarted(job)].join(" or ");
  const [current, ended, troubled, failed] = await Promise.all([
    from?.list === "ended" ? none : list(isCurrent, limit, false, from?.token),
    list(`not (${isCurrent})`, limit, false, from?.list === "ended" ? from.token : undefined),
    from ? none : list(`${isCurrent} and (${inTrouble})`, mostTroubled, true),
    from ? none : list(`not (${isCurrent}) and ClientStatus == "failed"`, mostFailed, true),
  ]);
  const row = (allocation: AllocationStub) => ({ allocation, trouble: troubleOf(allocation, nomad.now()) });
  const first = shown("current", current, troubled.items, limit, from);
  const rest = shown("ended", ended, failed.items, Math.max(0, limit - first.rows.length), from);
  return {
    current: first.rows.map(row).sort((one, other) => weight(other) - weight(one)),
    ended: rest.rows.map(row).sort((one, other) => other.allocation.CreateIndex - one.allocation.CreateIndex),
    currentCut: first.next !== undefined,
    endedCut: rest.next !== undefined,
    next: first.next ?? rest.next,
    later: from !== undefined,
  };
}

/**
 * What of a page is told: those of which more is known, then the others in their order as far as there is room; and the
 * place of the next one.
 */
function shown(
  kind: Place["list"],
  page: { readonly items: readonly AllocationStub[]; readonly next: string | undefined },
  known: readonly AllocationStub[],
  limit: number,
  from: Place | undefined,
): { readonly rows: readonly AllocationStub[]; readonly next: string | undefined } {
  const start = from?.list === kind ? from : { list: kind, token: "", after: "" };
  const behind = page.items.findIndex(({ ID }) => start.after !== "" && ID.startsWith(start.after)) + 1;
  const first = known.slice(0, limit);
  const ids = new Set(first.map(({ ID }) => ID));
  const others = page.items.slice(behind).filter(({ ID }) => !ids.has(ID));
  const room = limit - first.length;
  const told = others.slice(0, room);
  const left = others.length > room ? { ...start, after: told.at(-1)?.ID.slice(0, 8) ?? start.after } : undefined;
  const place = left ?? (page.next === undefined ? undefined : { list: kind, token: page.next, after: "" });
  return { rows: [...first, ...told], next: place && [place.list, place.token, place.after].join("|") };
}

function placeOf(cursor: string): Place {
  const [list, token, after, ...more] = cursor.split("|");
  const known = list === "current" || list === "ended";
  if (known && token !== undefined && after !== undefined && more.length === 0) return { list, token, after };
  throw new Refusal("That cursor is none of these allocations': it comes from the answer before, as it stands there.");
}

/** A replaced allocation of a system job still says "run" (nomad-observed.md §1). */
const isCurrent = 'DesiredStatus == "run" and NextAllocation == ""';

function asked({ group, status }: AllocationFilter): string[] {
  return [
    ...(group === undefined ? [] : [`TaskGroup == ${literal(group)}`]),
    ...(status === undefined ? [] : [`ClientStatus == ${literal(status)}`]),
  ];
}

/** A task that crashes beside healthy ones leaves the status at "running": its restarts tell (nomad-observed.md §1). */
function restarted(job: Job): string[] {
  const names = (job.TaskGroups ?? []).flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
  // The selector is a JSON pointer in double quotes, which cannot hold every name.
  const plain = [...new Set(names)].filter((name) => /^[\w.-]+$/.test(name));
  return plain.map((name) => `("${name}" in TaskStates and "/TaskStates/${name}/Restarts" != 0)`);
}

function troubleOf({ TaskStates, CreateTime }: AllocationStub, now: number): string | undefined {
  const troubles = Object.entries(TaskStates ?? {}).flatMap(([task, state]) => {
    const trouble = taskTrouble(state, now, fromNanoseconds(CreateTime));
    return trouble?.present ? [`task ${task} ${[trouble.what, trouble.times].filter(Boolean).join(", ")}`] : [];
  });
  return troubles[0];
}

function weight({ allocation, trouble }: AllocationRow): number {
  const bad = { failed: 4, lost: 4, unknown: 4, pending: 2, running: 0, complete: 0 }[allocation.ClientStatus];
  return bad + (trouble ? 3 : 0) + (allocation.DeploymentStatus?.Healthy === false ? 1 : 0);
}
