import { Refusal } from "../../api/errors/refusal.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { fullId, type Kind } from "./find-id.ts";
import { digitsOf } from "./uuid.ts";

export const unchanged = "Nothing was changed.";

/**
 * The full id of an object that a write is about: from 8 or more characters of it, which no other one begins with.
 *
 * @throws Refusal as {@link fullId}, and for less: nothing is changed by a guess.
 */
export async function exactId<T extends { ID: string }>(
  nomad: NomadClient,
  kind: Kind<T>,
  given: string,
  name: (item: T) => string,
): Promise<string> {
  const digits = digitsOf(given.trim());
  if (digits !== undefined && digits.length < 8) {
    throw new Refusal(
      `${given.trim()} is too short for the id of the ${kind.noun} that is to be changed: give 8 characters. ${unchanged}`,
    );
  }
  try {
    return await fullId(nomad, kind, given, name, true);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(`${error.message} ${unchanged}`) : error;
  }
}

/**
 * The client in the namespace of an object that was found by its id.
 *
 * @throws Refusal where the call named another namespace.
 */
export function inItsNamespace(
  nomad: NomadClient,
  what: string,
  namespace: string,
  asked: string | undefined,
): NomadClient {
  if (asked === undefined || asked === "*" || asked === namespace) return nomad.in(namespace);
  throw new Refusal(`${what} is in namespace ${namespace}, not in ${asked}. ${unchanged}`);
}
