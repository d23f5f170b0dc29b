import { notInDemo } from "../errors.ts";
import { emptyStruct, type Field, type Shape, type Struct, structOf } from "../job/schema.ts";
import { type Converted, convert, convertDuration, type Wanted } from "./convert.ts";
import { decodeCondition } from "./decode-condition.ts";
import { evaluate, type Scope, suggest, UNKNOWN } from "./evaluate.ts";
import { type Attribute, type Block, type Body, place } from "./syntax.ts";

type Out = Record<string, unknown>;

/** The attributes that were written as such where a block of the same name is usual: `env = {...}`. */
const AS_ATTRIBUTE = new Set(["meta", "env"]);

function wantedBy(shape: Shape): Wanted {
  if (shape.kind === "list") return { list: wantedBy(shape.of) };
  if (shape.kind === "map") return { map: wantedBy(shape.of) };
  return shape.kind === "string" || shape.kind === "int" || shape.kind === "bool" ? shape.kind : "any";
}

/** Decodes a body into a struct of the schema; mistakes are noted in the scope. */
export function decodeBody(body: Body, struct: string, scope: Scope): Out {
  const fields = structOf(struct);
  const out = emptyStruct(struct);
  checkNames(body, struct, fields, scope);
  for (const field of fields) {
    const attribute = body.attributes.find((one) => one.name === field.hcl);
    if (field.how === "attribute" || field.how === "required") {
      if (attribute) put(out, field, attribute, scope);
    } else if (field.how === "block" && attribute && AS_ATTRIBUTE.has(field.hcl ?? "")) {
      const map = convert(evaluate(attribute.value, scope), { map: "string" });
      settle(out, field, attribute, map, scope);
    }
  }
  for (const field of fields) {
    if (field.how !== "block") continue;
    const blocks = body.blocks.filter((one) => one.type === field.hcl);
    if (blocks.length > 0) putBlocks(out, field, blocks, scope);
  }
  return out;
}

function put(out: Out, field: Field, attribute: Attribute, scope: Scope): void {
  const value = evaluate(attribute.value, scope);
  if (field.shape.kind !== "dur") {
    settle(out, field, attribute, convert(value, wantedBy(field.shape)), scope);
    return;
  }
  const duration = convertDuration(value);
  if ("value" in duration) out[field.name] = duration.value;
  else if (duration.error === "nil")
    scope.problems.push({
      span: attribute.value.start,
      summary: "Unsuitable value",
      detail: "Unsuitable duration value: nil",
    });
  else scope.problems.push({ span: attribute.value.start, summary: "Unsuitable value type", detail: duration.error });
}

function settle(out: Out, field: Field, attribute: Attribute, converted: Converted, scope: Scope): void {
  if ("value" in converted) {
    if (converted.value !== null) out[field.name] = converted.value;
    return;
  }
  const detail = `Unsuitable value: ${converted.error}`;
  scope.problems.push({ span: attribute.value.start, summary: "Unsuitable value type", detail });
}

/** Notes names that do not belong here, with what may have been meant. */
function checkNames(body: Body, struct: string, fields: Struct, scope: Scope): void {
  const names = (how: (field: Field) => boolean) => fields.filter(how).map((field) => field.hcl ?? "");
  const attributes = names((field) => field.how === "attribute" || field.how === "required");
  const blocks = names((field) => field.how === "block");
  for (const field of fields)
    if (field.how === "required" && !body.attributes.some((one) => one.name === field.hcl))
      scope.problems.push({
        span: { from: body.span.to, to: body.span.to },
        summary: "Missing required argument",
        detail: `The argument "${field.hcl}" is required, but no definition was found.`,
      });
  for (const { name, nameSpan } of body.attributes) {
    if (attributes.includes(name) || (blocks.includes(name) && AS_ATTRIBUTE.has(name))) continue;
    const near = suggest(name, attributes);
    const hint = blocks.includes(name)
      ? ` Did you mean to define a block of type "${name}"?`
      : near
        ? ` Did you mean "${near}"?`
        : "";
    const detail = `An argument named "${name}" is not expected here.${hint}`;
    scope.problems.push({ span: nameSpan, summary: "Unsupported argument", detail });
  }
  for (const block of body.blocks) {
    const { type, typeSpan } = block;
    if (type === "dynamic") throw notInDemo("dynamic blocks in HCL");
    if (blocks.includes(type)) continue;
    if (struct === "Job" && type === "task") throw notInDemo("tasks outside of a group");
    if ((struct === "Job" || struct === "TaskGroup") && (type === "vault" || type === "secret"))
      throw notInDemo(`the HCL block "${type}"`);
    if (struct === "Task" && type === "csi_plugin") throw notInDemo('the HCL block "csi_plugin"');
    const near = suggest(type, blocks);
    const hint = attributes.includes(type)
      ? ` Did you mean to define argument "${type}"? If so, use the equals sign to assign it a value.`
      : near
        ? ` Did you mean "${near}"?`
        : "";
    const detail = `Blocks of type "${type}" are not expected here.${hint}`;
    scope.problems.push({ span: typeSpan, summary: "Unsupported block type", detail });
  }
}

/** Notes a wrong number of labels; true where it is right. */
export function checkLabels(block: Block, names: readonly string[], scope: Scope): boolean {
  const { type, labels, open } = block;
  const missing = names[labels.length];
  if (missing !== undefined) {
    scope.problems.push({
      span: open,
      summary: `Missing ${missing} for ${type}`,
      detail: `All ${type} blocks must have ${names.length} labels (${names.join(", ")}).`,
    });
    return false;
  }
  const extra = labels[names.length];
  if (!extra) return true;
  const detail =
    names.length === 0
      ? `No labels are expected for ${type} blocks.`
      : `Only ${names.length} labels (${names.join(", ")}) are expected for ${type} blocks.`;
  scope.problems.push({ span: extra.span, summary: `Extraneous label for ${type}`, detail });
  return false;
}

function putBlocks(out: Out, field: Field, blocks: readonly Block[], scope: Scope): void {
  const { shape } = field;
  const element = shape.kind === "list" || (shape.kind === "map" && shape.of.kind === "struct") ? shape.of : shape;
  if (element.kind === "any") throw notInDemo(`the HCL block "${field.hcl}"`);
  const label = element.kind === "struct" ? structOf(element.struct).find((one) => one.how === "label") : undefined;
  const good = blocks.filter((block) => checkLabels(block, label ? [label.hcl ?? ""] : [], scope));
  if (element.kind === "struct" && element !== shape) {
    const items = good.map((block) => oneBlock(block, element.struct, label, scope));
    out[field.name] =
      shape.kind === "list" ? items : Object.fromEntries(items.map((item) => [String(item[label?.name ?? ""]), item]));
    return;
  }
  const [block, again] = good;
  if (!block) return;
  if (again) {
    const detail = `Only one ${field.hcl} block is allowed. Another was defined at ${place(scope.source, block.header)}.`;
    scope.problems.push({ span: again.header, summary: `Duplicate ${field.hcl} block`, detail });
    return;
  }
  if (element.kind === "struct") out[field.name] = oneBlock(block, element.struct, label, scope);
  else if (shape.kind === "map") out[field.name] = freeBody(block, shape.of, scope);
}

function oneBlock(block: Block, struct: string, label: Field | undefined, scope: Scope): Out {
  if (struct === "Constraint" || struct === "Affinity") return decodeCondition(block.body, struct, scope);
  const out = decodeBody(block.body, struct, scope);
  if (label) out[label.name] = block.labels[0]?.text ?? "";
  return out;
}

/** A block whose names are free: `env`, `meta`, `config`. */
function freeBody(block: Block, of: Shape, scope: Scope): Out {
  const out: Out = {};
  if (of.kind === "any") {
    for (const { name, value } of block.body.attributes) {
      const got = evaluate(value, { ...scope, problems: scope.late });
      if (got === UNKNOWN)
        scope.late.push({
          span: value.start,
          summary: "unsuitable value type",
          detail: "Unsuitable value: value is not known",
        });
      // a driver's config takes an object that is written out as it takes a block: as a list of one
      else if (got !== null) out[name] = value.kind === "object" ? [got] : got;
    }
    for (const inner of block.body.blocks) {
      if (inner.type === "dynamic") throw notInDemo("dynamic blocks in HCL");
      const nested = inner.labels.reduceRight<Out>(
        (all, { text }) => ({ [text]: [all] }),
        freeBody({ ...inner, labels: [] }, of, scope),
      );
      out[inner.type] = [...((out[inner.type] as unknown[] | undefined) ?? []), nested];
    }
    return out;
  }
  for (const { type, typeSpan } of block.body.blocks)
    scope.problems.push({
      span: typeSpan,
      summary: `Unexpected "${type}" block`,
      detail: "Blocks are not allowed here.",
    });
  for (const { name, value } of block.body.attributes) {
    const converted = convert(evaluate(value, scope), wantedBy(of));
    if ("value" in converted) {
      if (converted.value !== null) out[name] = converted.value;
    } else
      scope.problems.push({
        span: value.start,
        summary: "Unsuitable value type",
        detail: `Unsuitable value: ${converted.error}`,
      });
  }
  return out;
}
