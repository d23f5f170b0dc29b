import { HttpError, notInDemo } from "../errors.ts";
import { SECOND } from "../gotime.ts";
import { convert, type Wanted } from "./convert.ts";
import { checkLabels, decodeBody } from "./decode-body.ts";
import { evaluate, type Scope, suggest, UNKNOWN, type Value } from "./evaluate.ts";
import { parseFile } from "./parse-body.ts";
import { type Attribute, type Body, describe, type Expression, place, SyntaxProblem } from "./syntax.ts";

type Out = Record<string, unknown>;

const TOP: Record<string, string[]> = { variables: [], variable: ["name"], locals: [], job: ["name"] };

/** The job that an HCL file describes, as Nomad's own parser gives it; 400 in Nomad's words where it is none. */
export function parseHcl(source: string, variables: string): Out {
  if (/^ *\{/.test(source)) throw notInDemo("HCL in its JSON form");
  const body = read(source, (text) => `Failed to parse job: ${text}`);
  const given =
    variables.trim() === ""
      ? undefined
      : read(variables, (text) => `Failed to parse job: unable to parse var content: ${text}`);
  const scope: Scope = { source, names: { var: {}, local: {} }, problems: [], late: [] };
  const stop = () => {
    if (scope.problems.length === 0) return;
    const lines = scope.problems.map((problem) => describe(source, problem));
    throw new HttpError(400, `Failed to parse job: ${lines.join("\n")}`);
  };
  checkTop(body, scope);
  stop();
  declareVariables(body, given, variables, scope);
  declareLocals(body, scope);
  stop();
  const job = theJob(body, scope);
  stop();
  const [late, ...others] = scope.late;
  if (late) throw new HttpError(400, `Failed to parse job: ${describe(source, late)}${andOthers(others.length)}`);
  return job;
}

function andOthers(count: number): string {
  return count > 0 ? `, and ${count} other diagnostic(s)` : "";
}

function read(source: string, message: (text: string) => string): Body {
  try {
    return parseFile(source);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const { diagnostic } = error;
    if (source[diagnostic.span?.from ?? -1] !== "'") throw new HttpError(400, message(describe(source, diagnostic)));
    const detail = 'Single quotes are not valid. Use double quotes (") to enclose strings.';
    const quote = describe(source, { span: diagnostic.span, summary: "Invalid character", detail });
    throw new HttpError(400, message(quote + andOthers(1)));
  }
}

function checkTop(body: Body, scope: Scope): void {
  for (const { name, nameSpan } of body.attributes)
    scope.problems.push({
      span: nameSpan,
      summary: "Unsupported argument",
      detail: `An argument named "${name}" is not expected here.`,
    });
  for (const block of body.blocks) {
    const labels = TOP[block.type];
    if (labels) {
      checkLabels(block, labels, scope);
      continue;
    }
    const near = suggest(block.type, Object.keys(TOP));
    const detail = `Blocks of type "${block.type}" are not expected here.${near ? ` Did you mean "${near}"?` : ""}`;
    scope.problems.push({ span: block.typeSpan, summary: "Unsupported block type", detail });
  }
}

/** What a variable's `type` asks for. */
function wanted(type: Expression): Wanted {
  if (type.kind === "traversal" && type.steps.length === 0) {
    const { root } = type;
    if (root === "string" || root === "number" || root === "bool" || root === "any") return root;
    if (root === "list" || root === "set") return { list: "any" };
    if (root === "map") return { map: "any" };
  }
  if (type.kind === "call" && type.args.length === 1 && type.args[0]) {
    if (type.name === "list" || type.name === "set") return { list: wanted(type.args[0]) };
    if (type.name === "map") return { map: wanted(type.args[0]) };
  }
  throw notInDemo("variables of that type in HCL");
}

function declareVariables(body: Body, given: Body | undefined, givenSource: string, scope: Scope): void {
  const values: Record<string, Value> = {};
  const declare = (name: string, type: Wanted, fallback: Attribute | undefined) => {
    const { problems } = scope;
    if (Object.hasOwn(values, name)) {
      problems.push({
        span: undefined,
        summary: "Duplicate variable",
        detail: `Duplicate ${name} variable definition found.`,
      });
      return;
    }
    values[name] = UNKNOWN;
    const own = given?.attributes.find((attribute) => attribute.name === name);
    const other: Scope = { source: own ? givenSource : scope.source, names: {}, problems: [], late: [] };
    const from = own ?? fallback;
    if (fallback) {
      const converted = convert(evaluate(fallback.value, { ...scope, names: {} }), type);
      if ("error" in converted) {
        const detail = `This default value is not compatible with the variable's type constraint: ${converted.error}.`;
        problems.push({ span: fallback.value.span, summary: "Invalid default value for variable", detail });
        return;
      }
    }
    if (!from) {
      const detail =
        "A used variable must be set or have a default value; see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables  for details.";
      problems.push({ span: undefined, summary: `Unset variable "${name}"`, detail });
      return;
    }
    const converted = convert(evaluate(from.value, other), type);
    if ("error" in converted) {
      const detail = `The value for ${name} is not compatible with the variable's type constraint: ${converted.error}.`;
      const where = place(other.source, from.value.span);
      throw new HttpError(400, `Failed to parse job: ${where}: Invalid value for variable; ${detail}`);
    }
    values[name] = converted.value as Value;
  };
  for (const block of body.blocks) {
    if (block.type === "variable") {
      if (block.body.blocks.length > 0) throw notInDemo("validation of variables in HCL");
      const attribute = (name: string) => block.body.attributes.find((one) => one.name === name);
      const type = attribute("type");
      declare(block.labels[0]?.text ?? "", type ? wanted(type.value) : "any", attribute("default"));
    } else if (block.type === "variables")
      for (const attribute of block.body.attributes) declare(attribute.name, "any", attribute);
  }
  scope.names.var = values;
}

/** Locals may refer to each other in any order. */
function declareLocals(body: Body, scope: Scope): void {
  let open = body.blocks.filter((block) => block.type === "locals").flatMap((block) => block.body.attributes);
  const values: Record<string, Value> = {};
  scope.names.local = values;
  while (open.length > 0) {
    const left = open.filter(({ name, value }) => {
      const attempt: Scope = { ...scope, problems: [] };
      const result = evaluate(value, attempt);
      if (attempt.problems.length === 0) values[name] = result;
      return attempt.problems.length > 0;
    });
    if (left.length === open.length) {
      for (const { value } of left.slice(0, 1)) evaluate(value, scope);
      return;
    }
    open = left;
  }
}

function theJob(body: Body, scope: Scope): Out {
  const [block, again] = body.blocks.filter((one) => one.type === "job");
  if (!block) {
    scope.problems.push({ span: undefined, summary: "Missing job block", detail: "A job block is required" });
    return {};
  }
  const job = decodeBody(block.body, "Job", scope);
  if (again) {
    const detail = `Only one block of type "job" is allowed. Previous definition was at ${place(scope.source, block.header)}.`;
    scope.problems.push({ span: again.header, summary: "Duplicate job block", detail });
  }
  return normalize(job, block.labels[0]?.text ?? "");
}

const each = (list: unknown): Out[] => (Array.isArray(list) ? (list as Out[]) : []);

function normalize(job: Out, label: string): Out {
  job.Name ??= label;
  job.ID ??= label;
  const periodic = job.Periodic as Out | null;
  if (periodic && (periodic.Spec !== null || periodic.Specs !== null)) periodic.SpecType = "cron";
  for (const group of each(job.TaskGroups)) {
    normalizePorts(group.Networks);
    const scaling = group.Scaling as Out | null;
    if (scaling) scaling.Type ||= "horizontal";
    for (const task of each(group.Tasks)) {
      normalizePorts((task.Resources as Out | null)?.Networks);
      for (const template of each(task.Templates)) {
        template.ChangeMode ??= "restart";
        template.Perms ??= "0644";
        template.Splay ??= 5 * SECOND;
        template.ErrMissingKey ??= false;
      }
    }
  }
  return job;
}

/** Ports are static or not by whether they have a number. */
function normalizePorts(networks: unknown): void {
  for (const network of each(networks)) {
    const ports = each(network.DynamicPorts);
    if (ports.length === 0) continue;
    const dynamic = ports.filter((port) => !((port.Value as number) > 0));
    const reserved = ports.filter((port) => (port.Value as number) > 0);
    network.DynamicPorts = dynamic.length > 0 ? dynamic : null;
    network.ReservedPorts = reserved.length > 0 ? reserved : null;
  }
}
