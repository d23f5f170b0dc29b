import type { NomadError } from "../../../api/errors/errors.ts";

/** What a request would have told, by its path. Of its log a cause says itself why there is none. */
const subjects: readonly (readonly [path: RegExp, subject: string])[] = [
  [/^\/v1\/nodes?(\/|$)/, "the nodes"],
  [/\/versions$/, "what earlier versions were"],
  [/^\/v1\/client\/allocation\/.+\/checks$/, "its health checks"],
  [/^\/v1\/allocations$/, "what else fails on its node"],
  [/^\/v1\/jobs$/, "its children"],
  [/^\/v1\/job\/.+\/plan$/, "its next launch"],
];

/** What could not be got, and why, in a few words; none where all was. What is not there was not missed. */
export function missedParts(failures: readonly NomadError[]): string[] {
  const parts = failures.flatMap((failure) => {
    const subject = subjects.find(([route]) => route.test(failure.request.path))?.[1];
    // What an older server does not know was asked for in another way.
    return subject === undefined || failure.kind === "not_found" || failure.kind === "bad_argument"
      ? []
      : [`${subject} (${reason(failure)})`];
  });
  return [...new Set(parts)];
}

function reason({ kind, request, status }: NomadError): string {
  if (kind === "forbidden") return /^\/v1\/nodes?(\/|$)/.test(request.path) ? "the token lacks node read" : "denied";
  if (kind === "timeout") return "no answer in time";
  if (kind === "node_unreachable") return "the node is out of reach";
  return status === undefined ? kind.replaceAll("_", " ") : `status ${status}`;
}
