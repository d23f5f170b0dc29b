import { Refusal } from "../../api/errors/refusal.ts";
import { type Filter, fieldsOf, fieldText, isFault, parseFilter } from "../../api/request/filter.ts";
import { seal } from "../../text/sealed.ts";
import { all, some } from "../../text/words.ts";

/**
 * The fields of a list that a caller's filter may look at: those that answers show as they are. Nomad compares on the whole
 * object, so that by any other field what is masked in answers could be asked for, letter by letter.
 */
const open = {
  jobs: [
    ...["ID", "Name", "Namespace", "ParentID", "Type", "Status", "StatusDescription", "Stop", "Stable", "Priority"],
    ...["Version", "Region", "NodePool", "Datacenters", "AllAtOnce", "Dispatched", "Periodic", "ParameterizedJob"],
    ...["SubmitTime", "CreateIndex", "ModifyIndex", "JobModifyIndex"],
  ],
  nodes: ["ID", "Name", "Datacenter", "NodePool", "NodeClass", "Status", "SchedulingEligibility"],
} as const;

/**
 * The filter expression of a caller, as a tree; undefined where there is none.
 *
 * @throws Refusal where it cannot be read, or names a field that may not be asked for: with those that may.
 */
export function askedFilter(text: string | undefined, list: keyof typeof open): Filter | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const filter = parseFilter(text);
  const allowed: readonly string[] = open[list];
  const fields = `It may name ${all(allowed)}.`;
  if (isFault(filter))
    throw new Refusal(`The filter cannot be read: ${filter.fault}. An example: ${examples[list]}. ${fields}`);
  const hidden = fieldsOf(filter).filter(([first = "", ...rest]) => rest.length > 0 || !allowed.includes(first));
  if (hidden.length === 0) return filter;
  const named = [...new Set(hidden.map((field) => seal(fieldText(field)).slice(0, 80)))];
  throw new Refusal(
    `A filter may not look at ${some(named, 5, "or")}: by that, values which are hidden in answers could be found out. ${fields}`,
  );
}

const examples = {
  jobs: 'Type == "batch" and Priority != 50',
  nodes: 'NodePool == "gpu" and Datacenter != "dc2"',
};
