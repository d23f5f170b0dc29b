import { multierror } from "../errors.ts";
import type { Affinity, Constraint } from "../state/job-types.ts";

/** A Go string literal. */
export const quote = (text: string) => JSON.stringify(text);

/** One nested failure: Nomad puts the whole text of a multierror into the line above it. */
export function nested(prefix: string, errors: readonly string[]): string[] {
  return errors.length > 0 ? [`${prefix}${multierror(errors)}`] : [];
}

const COMPARISONS = new Set(["=", "==", "is", "!=", "not", "<", "<=", ">", ">="]);
const OTHERS = new Set(["version", "semver", "distinct_property"]);

function checkConstraint({ LTarget, RTarget, Operand }: Constraint): string[] {
  const errors: string[] = [];
  if (Operand === "") errors.push("Missing constraint operand");
  if (Operand.startsWith("set_contains") && RTarget === "") errors.push("Set contains constraint requires an RTarget");
  else if (Operand === "regexp") {
    try {
      new RegExp(RTarget);
    } catch (error) {
      errors.push(`Regular expression failed to compile: ${error instanceof Error ? error.message : String(error)}`);
    }
  } else if (Operand === "is_set" || Operand === "is_not_set") {
    if (RTarget !== "") errors.push(`Operator ${quote(Operand)} does not support an RTarget`);
  } else if (COMPARISONS.has(Operand)) {
    if (RTarget === "") errors.push(`Operator ${quote(Operand)} requires an RTarget`);
  } else if (Operand !== "distinct_hosts" && !OTHERS.has(Operand) && !Operand.startsWith("set_contains"))
    errors.push(`Unknown constraint type ${quote(Operand)}`);
  if (Operand !== "distinct_hosts" && LTarget === "") errors.push("no attribute provided but is required by operator");
  return errors;
}

/** What is wrong with constraints. */
export function checkConstraints(constraints: readonly Constraint[] | null): string[] {
  return (constraints ?? []).flatMap((constraint, at) =>
    nested(`Constraint ${at + 1} validation failed: `, checkConstraint(constraint)),
  );
}

/** What is wrong with affinities. */
export function checkAffinities(affinities: readonly Affinity[] | null): string[] {
  return (affinities ?? []).flatMap(({ LTarget, RTarget, Operand, Weight }, at) => {
    const errors: string[] = [];
    if (Operand === "") errors.push("Missing affinity operand");
    else if (COMPARISONS.has(Operand) && RTarget === "") errors.push(`Operator ${quote(Operand)} requires an RTarget`);
    if (LTarget === "") errors.push("No LTarget provided but is required");
    if (Weight === 0) errors.push("Affinity weight cannot be zero");
    if (Math.abs(Weight) > 100) errors.push("Affinity weight must be within the range [-100,100]");
    return nested(`Affinity ${at + 1} validation failed: `, errors);
  });
}
