import type { z } from "zod";
import type { Shape } from "./tool.ts";

/**
 * Arguments as they were meant: models send `"3"` for 3, `"false"` for false, a list as the JSON text of it, and null
 * or "" for what they leave out. What is none of these stays as it is, for the schema to judge.
 */
export function asMeant(shape: Shape, args: unknown): Record<string, unknown> {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return { arguments: args };
  const given = Object.entries(args).filter(([, value]) => value !== null && value !== "");
  // Built from entries, so that a key named __proto__ is a key like any other.
  return Object.fromEntries(
    given.map(([key, value]) => {
      const wanted = Object.hasOwn(shape, key) ? shape[key] : undefined;
      return [key, wanted && typeof value === "string" ? fromText(kindOf(wanted), value) : value];
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
