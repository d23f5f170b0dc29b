import { NomadError } from "../../api/errors/errors.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import { literal } from "../../api/request/path.ts";
import { namespaces } from "../../endpoints/namespaces.ts";
import { type Variable, variables } from "../../endpoints/variables.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { nearest } from "../../text/nearest.ts";
import { escaped } from "../../text/pattern.ts";
import { plural, some } from "../../text/words.ts";
import { toolOrCommand } from "../shared/next-step.ts";
import { ifGiven } from "../shared/parts.ts";

export const unchanged = "Nothing was changed.";

/** A variable that was found, and the client bound to its namespace. */
export interface FoundVariable {
  readonly nomad: NomadClient;
  readonly variable: Variable;
  /** How it was found, where that is worth saying. */
  readonly note?: string | undefined;
}

/** So many paths are looked through for the nearest one; a row has 0.15 KB. */
const mostLooked = 200;

/** The variable of exactly this path in the client's namespace; undefined where there is none. */
export async function readVariable(nomad: NomadClient, path: string): Promise<Variable | undefined> {
  try {
    return await nomad.get(variables.get, { path });
  } catch (error) {
    if (error instanceof NomadError && error.kind === "not_found") return undefined;
    throw error;
  }
}

/**
 * The variable of this path, in the client's namespace or in the only other one that has it: one to four requests.
 *
 * @throws Refusal where there is none, with the nearest paths.
 */
export async function findVariable(nomad: NomadClient, path: string): Promise<FoundVariable> {
  checkPath(path, "");
  const here = nomad.namespace === "*" ? undefined : await readVariable(nomad, path);
  if (here !== undefined) return { nomad, variable: here };
  const filter = `VariableMetadata.Path == ${literal(path)}`;
  const rows = await ifGiven(nomad.list(variables.list, { namespace: "*", prefix: path, filter, per_page: 20 }));
  const places = (rows?.items ?? []).filter(({ Path }) => Path === path).map(({ Namespace }) => Namespace);
  const [only, ...others] = places;
  if (only === undefined) throw await unknownVariable(nomad, path, "");
  if (others.length > 0) {
    throw new Refusal(
      `Variable ${path} is in ${plural(places.length, "namespace")}: ${some(places, 8)}. Say which with namespace=.`,
    );
  }
  const place = nomad.in(only);
  const variable = await place.get(variables.get, { path });
  const note = nomad.namespace === "*" ? undefined : `(${path} is in namespace ${only}, not in ${nomad.namespace})`;
  return { nomad: place, variable, note };
}

/** The variable that a write is about. @throws Refusal where it is not in exactly the client's namespace, or is locked. */
export async function exactVariable(nomad: NomadClient, path: string): Promise<Variable> {
  oneNamespace(nomad);
  checkPath(path, unchanged);
  const variable = await readVariable(nomad, path);
  if (variable === undefined) throw await unknownVariable(nomad, path, unchanged);
  refuseLocked(path, variable);
  return variable;
}

/** @throws Refusal where another process holds the variable. */
export function refuseLocked(path: string, variable: Variable | undefined): void {
  if (!variable?.Lock) return;
  throw new Refusal(
    `${path} is locked: only the process that holds the lock may change it, until it lets go or does not renew it for ${variable.Lock.TTL}. ${unchanged}`,
  );
}

/** What to say of a variable that there is not: the nearest paths of the namespace. `end`: a sentence for the end. */
export async function unknownVariable(nomad: NomadClient, path: string, end: string): Promise<Refusal> {
  const where = nomad.namespace === "*" ? "in any namespace" : `in namespace ${nomad.namespace}`;
  const last = path.split("/").at(-1) ?? "";
  const like = `VariableMetadata.Path matches ${literal(`(?i)${escaped(last.slice(0, 60))}`)}`;
  const [beside, all] = await Promise.all([
    ifGiven(nomad.list(variables.list, { filter: like, per_page: 8 })),
    ifGiven(nomad.list(variables.list, { per_page: mostLooked })),
  ]);
  const paths = (all?.items ?? []).map(({ Path }) => Path);
  const near = nearest(path, paths);
  const named = [...new Set([...(near === undefined ? [] : [near]), ...(beside?.items ?? []).map(({ Path }) => Path)])];
  const list = toolOrCommand(nomad, ["list_variables", {}], ["var list"]);
  const hint =
    named.length > 0
      ? `Nearest: ${some(named, 5)}.`
      : all === undefined
        ? ""
        : paths.length === 0
          ? "There is none there at all."
          : `${list} shows what there is.`;
  return new Refusal([`There is no variable ${JSON.stringify(path)} ${where}.`, hint, end].filter(Boolean).join(" "));
}

/** @throws Refusal for what can be no path of a variable, with what can. */
export function checkPath(path: string, end: string): void {
  if (/^[a-zA-Z0-9\-_~/]{1,128}$/.test(path) && !path.startsWith("/")) return;
  throw new Refusal(
    [
      `${JSON.stringify(path)} can be no path of a variable: letters, digits, - _ ~ and /, 128 characters at most, no / in front.`,
      end,
    ]
      .filter(Boolean)
      .join(" "),
  );
}

/** @throws Refusal where the client is bound to no single namespace, or to one that there is not: Nomad would take it. */
export async function checkNamespace(nomad: NomadClient): Promise<void> {
  const all = await ifGiven(nomad.list(namespaces.list));
  if (all === undefined || all.items.some(({ Name }) => Name === nomad.namespace)) return;
  const names = all.items.map(({ Name }) => Name);
  throw new Refusal(`There is no namespace ${nomad.namespace}: there is ${some(names, 8)}. ${unchanged}`);
}

/** @throws Refusal where the call is about all namespaces. */
export function oneNamespace(nomad: NomadClient): void {
  if (nomad.namespace !== "*") return;
  throw new Refusal(`A variable is in one namespace: name it with namespace=. ${unchanged}`);
}
