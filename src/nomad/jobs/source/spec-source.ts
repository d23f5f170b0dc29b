import type { JobSubmission } from "../../../endpoints/jobs.ts";
import { clean, quoted } from "../../../text/untrusted.ts";
import { lines, plural } from "../../../text/words.ts";
import { freeLines, indented } from "./spec-values.ts";

/** A job file as it was submitted, line for line, and the values of its variables. */
export function sourceLines(stored: JobSubmission): string[] {
  const { Variables, VariableFlags } = stored;
  const variables = clean(Variables).trim();
  const flags = Object.entries(VariableFlags ?? {}).flatMap(([name, value]) => freeLines(name, value));
  return lines(
    quoted(text(stored)),
    variables !== "" && lines("variables:", quoted(variables)),
    flags.length > 0 && lines("variables given as flags:", ...indented(flags)),
  ).split("\n");
}

/** "HCL, 120 lines" */
export function sourceKind(stored: JobSubmission): string {
  const count = plural(text(stored).split("\n").length, "line");
  return `${stored.Format === "json" ? "JSON" : "HCL"}, ${count}`;
}

/** JSON in one line, as programs write it, is laid out as a person would read it. */
function text({ Format, Source }: JobSubmission): string {
  const given = clean(Source).trimEnd();
  return Format !== "json" || given.includes("\n") ? given : laidOut(given);
}

function laidOut(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 1);
  } catch {
    return json;
  }
}
