import { findNodeAtLocation, getNodeValue, type JSONPath, type Node, type ParseError, parseTree } from "jsonc-parser";

/** Hosts read comments and trailing commas, or say themselves that they do not. */
const lenient = { allowTrailingComma: true };

/** The root of a text that is a JSON object, comments allowed; else the line where it is not one. */
export function rootOf(text: string): { readonly root: Node } | { readonly wrong: number } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, lenient);
  if (root?.type === "object" && errors.length === 0) return { root };
  return { wrong: text.slice(0, errors[0]?.offset ?? 0).split("\n").length };
}

/** What stands under some keys; undefined where nothing does. */
export function valueAt(text: string, keys: JSONPath): unknown {
  const node = nodeAt(text, keys);
  return node && getNodeValue(node);
}

/**
 * The text with a value under some keys, made as the text around it is; objects on the way that there are not are made too.
 * Nothing else moves: neither comments nor how the rest is laid out, which the edits of jsonc-parser would do.
 */
export function withValue(text: string, keys: JSONPath, value: unknown): string {
  const layout = layoutOf(text);
  const present = nodeAt(text, keys);
  if (present !== undefined) {
    const [start, end] = [present.offset, present.offset + present.length];
    return `${text.slice(0, start)}${laidOut(value, lineIndent(text, start), layout)}${text.slice(end)}`;
  }
  const [last, above] = [keys.at(-1), keys.slice(0, -1)];
  const parent = nodeAt(text, above);
  if (parent === undefined)
    return withValue(text, above, typeof last === "number" ? [value] : { [String(last)]: value });
  const key = parent.type === "object" ? `${JSON.stringify(last)}: ` : "";
  return insert(text, parent, (indent) => `${key}${laidOut(value, indent, layout)}`, layout);
}

interface Layout {
  readonly eol: string;
  /** One step of indentation. */
  readonly step: string;
}

function layoutOf(text: string): Layout {
  const [, step = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  return { eol: text.includes("\r\n") ? "\r\n" : "\n", step: step.startsWith("\t") ? "\t" : step };
}

function nodeAt(text: string, keys: JSONPath): Node | undefined {
  const root = parseTree(text, [], lenient);
  return root && (keys.length === 0 ? root : findNodeAtLocation(root, keys));
}

/** Adds a property or an element behind the last one of its parent. */
function insert(text: string, parent: Node, make: (indent: string) => string, { eol, step }: Layout): string {
  const last = parent.children?.at(-1);
  const outer = lineIndent(text, parent.offset);
  if (last === undefined) {
    const end = parent.offset + parent.length - 1;
    const held = text.slice(parent.offset + 1, end).trimEnd();
    return `${text.slice(0, parent.offset + 1)}${held}${eol}${outer}${step}${make(outer + step)}${eol}${outer}${text.slice(end)}`;
  }
  const indent = startsLine(text, last.offset) ? lineIndent(text, last.offset) : outer + step;
  const { comma, end } = restOfLine(text, last.offset + last.length);
  const behind = last.offset + last.length;
  // A comma that stood behind the last one stands between the two then, and another one behind the new one.
  const between = comma ? "" : ",";
  const trailing = comma ? "," : "";
  return `${text.slice(0, behind)}${between}${text.slice(behind, end)}${eol}${indent}${make(indent)}${trailing}${text.slice(end)}`;
}

/** Behind an element: whether it has a comma, and where what belongs to it ends, a comment on its line included. */
function restOfLine(text: string, from: number): { readonly comma: boolean; readonly end: number } {
  const [toComma = ""] = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*,/.exec(text.slice(from)) ?? [];
  const end = from + toComma.length;
  const [comment = ""] = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\n]*?\*\/)/.exec(text.slice(end)) ?? [];
  return { comma: toComma !== "", end: end + comment.length };
}

function startsLine(text: string, offset: number): boolean {
  return /(^|\n)[ \t]*$/.test(text.slice(0, offset));
}

/** The indentation of the line in which an offset stands. */
function lineIndent(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? "";
}

function laidOut(value: unknown, indent: string, { eol, step }: Layout): string {
  return JSON.stringify(value, null, step).replaceAll("\n", `${eol}${indent}`);
}
