import { endpointAt } from "../endpoints/index.ts";
import { shaped } from "../endpoints/schema.ts";

/**
 * A reply in the shape that its route has, so that what reads it may rely on its type; as it is where none is known.
 *
 * @throws Misshapen where it is something else.
 */
export function shapedReply(method: string, path: string, reply: unknown): unknown {
  const shape = endpointAt(method, path)?.reply ?? "bytes";
  return shape === "bytes" ? reply : shaped(shape, reply);
}
