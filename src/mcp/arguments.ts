import type { z } from "zod";
import { seal, sealBlock, sealValue } from "../text/sealed.ts";
import { blocks } from "./parameters.ts";
import type { Shape } from "./tool.ts";

/**
 * Arguments as they were meant: models send `"3"` for 3 and 3 for `"3"`, `"false"` for false, a list as the JSON text of
 * it, and null or "" for what they leave out. What is none of these stays as it is, for the schema to judge.
 */
export function asMeant(shape: Shape, args: unknown): Record<string, unknown> {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return { arguments: args };
  const given = Object.entries(args).filter(([, value]) => value !== null && value !== "");
  // Built from entries, so that a key named __proto__ is a key like any other.
  return Object.fromEntries(
    given.map(([key, value]) => {
      const wanted = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (wanted === undefined) return [key, value];
      if (typeof value === "number") return [key, kindOf(wanted) === "string" ? String(value) : value];
      return [key, typeof value === "string" ? fromText(kindOf(wanted), value) : value];
    }),
  );
}

/** Arguments as the program works with them: sealed, names that nobody knows included. None may be nested deep. */
export function sealedArguments(shape: Shape, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      const wanted = Object.hasOwn(shape, key) ? shape[key] : undefined;
      const isBlock = typeof value === "string" && wanted !== undefined && blocks.has(innermost(wanted));
      return [seal(key), isBlock ? sealBlock(value) : sealValue(structuredClone(value))];
    }),
  );
}

/** What stands under `.optional()`, `.default()` and the like. */
function innermost(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType === undefined ? schema : innermost(innerType);
}

const kindOf = (schema: z.ZodType): string => innermost(schema).def.type;

function fromText(kind: string, text: string): unknown {
  if (kind === "number" && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (kind === "boolean" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (kind === "array" || kind === "object" || kind === "record") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

/** An argument of a call that nobody has checked yet. */
export function textAt(args: unknown, key: "namespace" | "cluster"): string | undefined {
  const held =
    typeof args === "object" && args !== null ? Object.entries(args).find(([name]) => name === key)?.[1] : "";
  return typeof held === "string" && held !== "" ? held : undefined;
}
