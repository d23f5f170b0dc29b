import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { show } from "../text/sealed.ts";
import { renderSteps, type StepView } from "../text/step.ts";
import type { Ended, Needed } from "./ended.ts";
import type { Masking } from "./tool.ts";

/** The largest answer, in characters. */
const longestAnswer = 40_000;

/** What a call came to, as it may leave this process. */
export interface Told {
  readonly text: string;
  readonly ended: Ended;
  /** What a consent takes, where the call ended for want of one. */
  readonly needed?: Needed | undefined;
  readonly isError?: boolean;
  /** The same facts for programs, where the tool has them; made when asked for. */
  data?(): unknown;
}

/**
 * A text as it may leave this process: its steps in words, nothing in it hides or can be taken for a line of ours, and then
 * masked, so that a secret of several lines is found as it is shown. Fails closed: what cannot be masked is not said.
 */
export function maskedBy({ mask }: Masking, text: string, view: StepView): string {
  try {
    return mask(show(renderSteps(text, view)));
  } catch {
    return "The answer is withheld: its secrets could not be masked. This is a mistake in nomad-mcp itself.";
  }
}

/** What a host gets of it. */
export function resultOf({ text, isError }: Told): CallToolResult {
  return { content: [{ type: "text", text }], ...(isError && { isError }) };
}

/** Facts as they may leave this process; none where they cannot be masked. */
export function maskedData(data: unknown, masked: (text: string) => string): unknown {
  if (typeof data === "string") return masked(data);
  if (Array.isArray(data)) return data.map((each) => maskedData(each, masked));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) =>
      value === undefined ? [] : [[masked(key), maskedData(value, masked)]],
    ),
  );
}

/** Cuts an answer that is too long at a line's end, and says so where it was cut. */
export function clip(text: string, keeps: "start" | "end"): string {
  if (text.length <= longestAnswer) return text;
  const note = "cut here, since the answer was too long: ask for fewer lines or rows, or name a group or task";
  const room = longestAnswer - note.length - 10;
  if (keeps === "start") {
    const kept = text.slice(0, text.lastIndexOf("\n", room) > 0 ? text.lastIndexOf("\n", room) : room);
    return `${kept}\n(${note})`;
  }
  const head = text.slice(0, Math.max(0, text.indexOf("\n")));
  const from = text.length - (room - Math.min(head.length, 2_000));
  const lineStart = text.indexOf("\n", from);
  return `${head.slice(0, 2_000)}\n(${note})\n${text.slice(lineStart > 0 ? lineStart + 1 : from)}`;
}
