import type { Claims } from "../jwt/verify.ts";
import type { Role } from "../roles.ts";

/** Stands in a role's `groups` for everybody who signs in. */
const everybody = "*";

/**
 * The groups that a token says its person is in: those of a claim of that name, else of the one that the name leads to by its dots
 * (`realm_access.roles`). `left out`: the provider says that they are too many to be told, as Entra does.
 */
export function groupsIn(claims: Claims, claim: string): readonly string[] | "left out" {
  const found = claims[claim] ?? claim.split(".").reduce<unknown>(inside, claims);
  if (typeof found === "string") return [found];
  if (Array.isArray(found)) return found.filter((group) => typeof group === "string");
  const elsewhere = inside(claims._claim_names, claim) !== undefined || claims.hasgroups === true;
  return elsewhere ? "left out" : [];
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/** The first role, in the order of the file, that one of the groups has. */
export function roleOf(groups: readonly string[], roles: ReadonlyMap<string, Role>): Role | undefined {
  const has = (group: string) => group === everybody || groups.includes(group);
  return [...roles.values()].find((role) => role.groups?.some(has));
}
