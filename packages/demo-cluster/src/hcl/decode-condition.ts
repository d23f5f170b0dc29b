import { convert } from "./convert.ts";
import { evaluate, type Scope, suggest } from "./evaluate.ts";
import type { Body } from "./syntax.ts";

/** The short forms: `version = ">= 1"` says operator and value at once. */
const SHORT = ["version", "semver", "regexp", "set_contains", "set_contains_any", "set_contains_all"];
const CONSTRAINT = [...SHORT, "distinct_hosts", "distinct_property", "is_set", "is_not_set"];

/** A constraint or an affinity. */
export function decodeCondition(body: Body, struct: "Constraint" | "Affinity", scope: Scope): Record<string, unknown> {
  const known = ["attribute", "value", "operator", ...(struct === "Affinity" ? ["weight", ...SHORT] : CONSTRAINT)];
  const said: Record<string, unknown> = {};
  for (const { name, nameSpan, value } of body.attributes) {
    if (!known.includes(name)) {
      const near = suggest(name, known);
      const detail = `An argument named "${name}" is not expected here.${near ? ` Did you mean "${near}"?` : ""}`;
      scope.problems.push({ span: nameSpan, summary: "Unsupported argument", detail });
      continue;
    }
    const wanted = name === "weight" ? "number" : name === "distinct_hosts" ? "bool" : "string";
    const converted = convert(evaluate(value, scope), wanted);
    if ("value" in converted) said[name] = converted.value;
    else
      scope.problems.push({
        span: value.span,
        summary: "Incorrect attribute value type",
        detail: `Inappropriate value for attribute "${name}": ${converted.error}.`,
      });
  }
  for (const { type, typeSpan } of body.blocks)
    scope.problems.push({
      span: typeSpan,
      summary: "Unsupported block type",
      detail: `Blocks of type "${type}" are not expected here.`,
    });
  const out: Record<string, unknown> = {
    LTarget: said.attribute ?? "",
    RTarget: said.value ?? "",
    Operand: said.operator ?? "",
  };
  for (const name of SHORT) if (said[name]) Object.assign(out, { Operand: name, RTarget: said[name] });
  if (said.distinct_hosts !== undefined && said.distinct_hosts !== null)
    Object.assign(out, { Operand: "distinct_hosts", RTarget: String(said.distinct_hosts) });
  if (said.distinct_property) Object.assign(out, { Operand: "distinct_property", LTarget: said.distinct_property });
  out.Operand ||= "=";
  return struct === "Affinity" ? { ...out, Weight: said.weight ?? null } : out;
}
