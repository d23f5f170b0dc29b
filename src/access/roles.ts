import * as z from "zod";
import { Refusal } from "../api/errors/refusal.ts";
import { readTables, type TableSource } from "../settings/tables.ts";
import { all } from "../text/words.ts";
import { type Rate, readRate } from "./rate.ts";

/**
 * What narrows what a caller may. It never widens: what the server itself may not, nobody may. What is not said is as the
 * server has it.
 */
export interface Role {
  readonly name: string;
  /** Nothing may be changed. */
  readonly readOnly: boolean;
  readonly toolsets?: readonly string[] | undefined;
  readonly enabledTools?: readonly string[] | undefined;
  readonly disabledTools?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  /** Names of clusters of the settings file. */
  readonly clusters?: readonly string[] | undefined;
  readonly confirm?: "host" | "ask" | undefined;
  /** Whether values of Nomad variables may be shown, where the server shows them; no where it is not said. */
  readonly showVariables?: boolean | undefined;
  /** The folders and repositories of the library that are seen, by name; all of them where it is not said. */
  readonly libraries?: readonly string[] | undefined;
  /** Whether files of the library may be changed, where the server may; yes where it is not said. */
  readonly libraryWrite?: boolean | undefined;
  readonly rate?: Rate | undefined;
  /** Calls at a time. */
  readonly maxCalls?: number | undefined;
  /** Its people are signed in at Nomad as themselves, each with a token of their own; the server's own where it is not said. */
  readonly token?: "login" | undefined;
  /** The groups of the provider whose people have it; `*` for everybody who signs in. */
  readonly groups?: readonly string[] | undefined;
  /** The Nomad jobs that have it, each `namespace/job`; `*` stands for any text. */
  readonly jobs?: readonly string[] | undefined;
  /** Names in client certificates whose holders have it; `*` stands for any text. */
  readonly certificates?: readonly string[] | undefined;
  /** Policies and ACL roles of Nomad whose tokens have it; `*` stands for any text, alone for every token. */
  readonly nomadPolicies?: readonly string[] | undefined;
}

const names = z.array(z.string().min(1)).min(1, "must name one at least, or be left out");

/** A table `[roles.NAME]`: the words are those of the settings. */
const table = z.strictObject({
  read_only: z.boolean().optional(),
  toolsets: names.optional(),
  enabled_tools: names.optional(),
  disabled_tools: names.optional(),
  namespaces: names.optional(),
  clusters: names.optional(),
  confirm: z.enum(["host", "ask"]).optional(),
  show_variables: z.boolean().optional(),
  libraries: names.optional(),
  library_write: z.boolean().optional(),
  rate: z.string().optional(),
  max_calls: z.int().min(1).optional(),
  token: z.literal("login", 'can only be "login"; left out, it is the token of the server').optional(),
  groups: names.optional(),
  certificates: names.optional(),
  nomad_policies: names.optional(),
  jobs: z
    .array(z.string().regex(/^[^/]+\/.+$/, 'must be namespace/job, such as "default/ci"'))
    .min(1)
    .optional(),
});

/** What the server itself may, as far as roles are held against it. */
export interface Limits {
  readonly readOnly: boolean;
  readonly clusters: readonly { readonly name: string; readonly namespaces?: readonly string[] }[];
  readonly confirm: "host" | "ask";
  readonly showVariables: boolean;
}

/**
 * The roles of the settings file, by name.
 *
 * @throws Refusal where one is not right, or would be wider than the server's own limits.
 */
export function readRoles(section: unknown, source: TableSource, limits: Limits): ReadonlyMap<string, Role> {
  const tables = readTables("roles", section, table, source);
  return new Map(
    [...tables].map(([name, given]) => {
      const at = (key: string) => `${source.place(["roles", name, key])} roles.${name}.${key}`;
      const wider = (key: string, why: string) => new Refusal(`${at(key)} is wider than the server itself: ${why}.`);
      if (given.read_only === false && limits.readOnly) throw wider("read_only", "it may change nothing");
      if (given.confirm === "host" && limits.confirm === "ask") throw wider("confirm", "it asks for consent");
      if (given.show_variables === true && !limits.showVariables)
        throw wider("show_variables", "it shows no values of variables");
      const known = limits.clusters.map((cluster) => cluster.name);
      const [stray] = given.clusters?.filter((each) => !known.includes(each)) ?? [];
      if (stray !== undefined) throw wider("clusters", `it knows ${all(known)}`);
      const clusters = limits.clusters.filter((cluster) => given.clusters?.includes(cluster.name) ?? true);
      if (given.token === "login") checkLogin(given, at("token"));
      for (const cluster of clusters) checkNamespaces(given.namespaces, cluster, (why) => wider("namespaces", why));
      const role: Role = {
        name,
        readOnly: given.read_only ?? false,
        ...{ toolsets: given.toolsets, enabledTools: given.enabled_tools, disabledTools: given.disabled_tools },
        ...{ namespaces: given.namespaces, clusters: given.clusters, confirm: given.confirm },
        showVariables: given.show_variables,
        ...{ libraries: given.libraries, libraryWrite: given.library_write },
        rate: given.rate === undefined ? undefined : readRate(given.rate, at("rate")),
        ...{ maxCalls: given.max_calls, token: given.token },
        ...{ groups: given.groups, jobs: given.jobs, certificates: given.certificates },
        nomadPolicies: given.nomad_policies,
      };
      return [name, role];
    }),
  );
}

/** Only people who sign in at the provider bring what is exchanged for a token of Nomad. */
function checkLogin(given: z.output<typeof table>, at: string): void {
  const { groups } = given;
  const others = (["jobs", "nomad_policies", "certificates"] as const).filter((key) => given[key] !== undefined);
  if (others.length > 0) {
    throw new Refusal(
      `${at}: "login" is for people who sign in, and the role is that of ${all(others)}, too, which bring no token of the provider: give those another role.`,
    );
  }
  if (groups !== undefined) return;
  throw new Refusal(
    `${at}: "login" is for people who sign in: say whose role it is by groups, or ["*"] for everybody.`,
  );
}

function checkNamespaces(
  wanted: readonly string[] | undefined,
  { name, namespaces }: Limits["clusters"][number],
  wider: (why: string) => Refusal,
): void {
  const stray = wanted?.find((each) => namespaces !== undefined && !namespaces.includes(each));
  if (stray !== undefined) throw wider(`${stray} is not among the namespaces of cluster ${name}`);
}
