import { type VariableStub, variables } from "../../endpoints/variables.ts";
import type { NomadClient } from "../../nomad-client.ts";

/** A page of the variables of the client's namespace. */
export interface ListedVariables {
  readonly nomad: NomadClient;
  readonly rows: readonly VariableStub[];
  readonly next: string | undefined;
  readonly prefix: string | undefined;
}

/** What is asked for. */
interface Asked {
  readonly prefix?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One request of about 0.15 KB a row, however many there are. */
export async function listVariables(nomad: NomadClient, { prefix, limit, cursor }: Asked): Promise<ListedVariables> {
  const { items, next } = await nomad.list(variables.list, { prefix, per_page: limit, next_token: cursor });
  return { nomad, rows: items, next, prefix };
}
