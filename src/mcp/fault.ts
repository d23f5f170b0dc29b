import { quotedLine } from "../text/untrusted.ts";
import { protocol } from "./protocol.data.ts";

/** A request that is answered with an error, before anything else is done with it. */
export interface Fault {
  /** null where it cannot be read. */
  readonly id: string | number | null;
  readonly code: number;
  /** One sentence. */
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The fault of a request whose parameters are not what its method has. */
export function wrong(id: Fault["id"], method: string, what: string): Fault {
  return { id, code: protocol.errors.invalidParams, message: `${quotedLine(method, 80)}: ${what}.` };
}

/** Why requests have no answer where there is no server. */
export function notLoaded(error: unknown): string {
  return `This server could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
