import { literal } from "../../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../../endpoints/allocations.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { short } from "../../../text/words.ts";
import { isRestartOrder, lastOrder } from "../../allocations/orders.ts";
import type { Rolling } from "./restart.ts";
import { isAhead, type Progress } from "./restart-cursor.ts";

/** Allocations without task states are 1 to 2 KB each. */
const pageSize = 100;
/** Of so many the task states are read, up to 8 KB for each task. */
const looked = 20;

type Marked = Pick<Rolling, "among" | "groups" | "pick" | "replaced">;

/**
 * What a restart changes, and a crash loop does not: when somebody last asked for a restart of the allocations that are next;
 * where they are to be replaced, which they are. Two requests for the first hundred that are left, one more for each further
 * hundred that was done. `from`: how far a restart has come that goes on.
 */
export async function restartMark(nomad: NomadClient, rolling: Marked, from: Progress | undefined): Promise<string> {
  const next = (await living(nomad, rolling, from)).slice(0, looked);
  if (rolling.replaced) return next.map(({ ID }) => short(ID)).join(",");
  if (next.length === 0) return "0";
  const { items } = await nomad.list(allocations.list, {
    filter: next.map(({ ID }) => `ID == ${literal(ID)}`).join(" or "),
    per_page: looked,
  });
  return String(lastOrder(items, isRestartOrder));
}

/** The first allocations that are left and have not ended: those that start again right now, too. */
async function living(
  nomad: NomadClient,
  { among, groups, pick }: Marked,
  from: Progress | undefined,
): Promise<AllocationStub[]> {
  const states = 'DesiredStatus == "run" and (ClientStatus == "running" or ClientStatus == "pending")';
  const named =
    groups === undefined ? "" : ` and (${groups.map((name) => `TaskGroup == ${literal(name)}`).join(" or ")})`;
  const filter = `${among} and ${states}${named}`;
  const query = { filter, task_states: false, per_page: pageSize };
  let page = from?.page;
  for (;;) {
    const { items, next } = await nomad.list(allocations.list, { ...query, next_token: page });
    const left = items.filter((each) => from === undefined || isAhead(from, each));
    const meant = (await pick?.(left)) ?? left;
    if (meant.length > 0 || next === undefined) return [...meant];
    page = next;
  }
}
