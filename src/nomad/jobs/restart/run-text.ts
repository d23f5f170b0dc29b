import { span } from "../../../text/time.ts";
import { grouped, plural, short, some } from "../../../text/words.ts";
import { called } from "../../allocations/words.ts";
import type { Run } from "./restart.ts";

/** How far a restart of `id` came, as the first line of its answer. `where`: "(namespace default)"; `took`: ms. */
export function runHeadline(
  { progress, restarted, stopped, complete }: Run,
  id: string,
  where: string,
  took: number,
): string {
  const count = `${grouped(progress.sent)} of ${plural(progress.total, "allocation")}`;
  if (complete && restarted.length === 0) return `${id} had nothing left to restart ${where}; it came to ${count}`;
  if (complete && stopped !== undefined) return `${id} restarted ${where}; ${count}, but ${stopped.why}`;
  if (stopped !== undefined) return `${id} restart stopped at ${count} ${where}; ${stopped.why}`;
  if (complete) return `${id} restarted ${where}; ${count} in ${span(took)}`;
  const left = progress.total - progress.sent;
  return `${id} restarted in part ${where}; ${count} in ${span(took)}, ${left > 0 ? `${grouped(left)} to go` : "the last not confirmed"}`;
}

/** What is worth knowing of single allocations of a run. */
export function runDetails({ restarted }: Run): string[] {
  const gone = restarted.filter(({ result }) => result.kind === "gone").length;
  const replaced = restarted.flatMap(({ allocation, result }) =>
    result.kind === "back" && result.id !== allocation.ID ? [`${called(allocation)} by ${short(result.id)}`] : [],
  );
  const unconfirmed = restarted.flatMap(({ allocation, result }) =>
    result.kind === "unconfirmed" ? [`Sent, not confirmed: ${called(allocation)}: ${result.why}`] : [],
  );
  return [
    ...unconfirmed,
    ...(replaced.length > 0 ? [`Replaced: ${some(replaced, 10)}`] : []),
    ...(gone > 0 ? [`${plural(gone, "allocation")} had ended before their turn`] : []),
  ];
}
