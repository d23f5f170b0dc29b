import { NomadError, type NomadErrorKind } from "./errors.ts";
import { Refusal } from "./refusal.ts";

/** What Nomad answers about the call itself: the same call again would be answered the same. */
const aboutTheCall: readonly NomadErrorKind[] = [
  ...(["bad_argument", "conflict", "forbidden", "not_found", "precondition"] as const),
  ...(["too_large", "unsupported", "validation"] as const),
];

/** Whose turn it is after an error of a call: that of its caller (`refused`, `rejected`) or that of somebody else. */
export function failedAs(error: unknown): "refused" | "rejected" | "failed" | "timeout" | "mistake" {
  if (error instanceof Refusal) return "refused";
  if (!(error instanceof NomadError)) return "mistake";
  if (error.kind === "timeout") return "timeout";
  return aboutTheCall.includes(error.kind) && !error.mayHaveHappened ? "rejected" : "failed";
}
