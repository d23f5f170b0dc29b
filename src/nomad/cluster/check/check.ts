import type { TlsReport, Transport } from "../../../api/connect/connection.ts";
import { NomadError } from "../../../api/errors/errors.ts";
import { explain } from "../../../api/errors/explain.ts";
import { namespaces } from "../../../endpoints/namespaces.ts";
import { type AgentMember, operator } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { readLeader } from "../servers/read-servers.ts";
import { readToken, type TokenFound } from "./token.ts";
import { type Declared, type Usable, usable } from "./usable.ts";

/** A cluster that is to be checked. */
export interface Checked {
  readonly name?: string | undefined;
  readonly nomad: NomadClient;
  readonly transport: Pick<Transport, "address" | "proxy" | "describeTls">;
  /** What the operator calls a setting. */
  settingName(key: "token" | "namespace"): string;
}

/** What was found out about a cluster. */
export interface Findings {
  readonly name: string | undefined;
  readonly address: string;
  readonly proxy: string | undefined;
  readonly settingName: Checked["settingName"];
  /** By the server's clock, ms since the epoch. */
  readonly now: number;
  readonly tls: TlsReport;
  /** Why nothing more was found out: nothing answers, or not Nomad. */
  readonly fault?: string;
  readonly reached?: Reached;
}

/** What a Nomad that answers told. */
export interface Reached {
  /** `host:port` of the leader; empty where there is none. */
  readonly leader: string;
  /** Undefined where the token may not see them. */
  readonly servers: Servers | undefined;
  readonly token: TokenFound;
  /** The namespaces that the tools work in, and whether there is one of that name; undefined: it cannot be told. */
  readonly namespaces: readonly { readonly name: string; readonly exists: boolean | undefined }[];
  readonly tools: readonly Usable[];
}

export interface Servers {
  readonly region: string;
  readonly members: readonly { readonly name: string; readonly version: string; readonly at: string }[];
}

/**
 * Looks whether a cluster can be worked with, and which of `tools` its token lets through. `namespaces`: those that calls
 * are about. Never fails: what is wrong stands in what it gives.
 */
export async function check(
  { name, nomad, transport, settingName }: Checked,
  tools: readonly Declared[],
  namespaces: readonly string[],
): Promise<Findings> {
  const [tls, answered] = await Promise.all([transport.describeTls(), ask(nomad, tools, namespaces)]);
  const about = { name, address: transport.address, proxy: transport.proxy, settingName, tls, now: nomad.now() };
  return typeof answered === "string" ? { ...about, fault: answered } : { ...about, reached: answered };
}

/** True where the cluster can be worked with, be it that some tools cannot be used. */
export function works({ reached }: Findings): boolean {
  if (reached === undefined || reached.leader === "" || reached.token.kind === "refused") return false;
  if (reached.namespaces.every(({ exists }) => exists === false)) return false;
  return letsThrough(reached.tools);
}

/** True where one at least of the tools that need something of the token can be used. */
function letsThrough(tools: readonly Usable[]): boolean {
  const asking = tools.filter(({ needs }) => needs);
  return asking.length === 0 || asking.some(({ lacks }) => lacks.length === 0);
}

async function ask(
  nomad: NomadClient,
  tools: readonly Declared[],
  names: readonly string[],
): Promise<Reached | string> {
  try {
    const token = await readToken(nomad);
    const [leader, servers, namespaces] = await Promise.all([
      orUndefined(readLeader(nomad)),
      token.kind === "refused" ? undefined : readServers(nomad),
      Promise.all(names.map(async (name) => ({ name, exists: await exists(nomad, name) }))),
    ]);
    return { leader: leader ?? "", servers, token, namespaces, tools: usable(tools, token.rights, names) };
  } catch (error) {
    return explain(error);
  }
}

/** Of the servers of this region; gossip knows those of others, too. */
async function readServers(nomad: NomadClient): Promise<Servers | undefined> {
  const reply = await orUndefined(nomad.get(operator.members));
  if (reply === undefined) return undefined;
  const region = nomad.region ?? reply.ServerRegion;
  const here = (reply.Members ?? []).filter(({ Tags }) => (Tags?.region ?? region) === region);
  return { region, members: here.map(({ Name, Tags }) => ({ name: Name, ...server(Tags) })) };
}

function server(tags: AgentMember["Tags"]) {
  return { version: tags?.build ?? "", at: `${tags?.rpc_addr ?? ""}:${tags?.port ?? ""}` };
}

async function exists(nomad: NomadClient, name: string): Promise<boolean | undefined> {
  if (name === "*") return true;
  try {
    await nomad.get(namespaces.get, { name });
    return true;
  } catch (error) {
    // A token that may do nothing there gets a 403 whether it exists or not.
    if (error instanceof NomadError) return error.kind === "not_found" ? false : undefined;
    throw error;
  }
}

async function orUndefined<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NomadError) return undefined;
    throw error;
  }
}
