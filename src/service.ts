import { bearerOf } from "./access/bearer.ts";
import type { Principal } from "./access/principal.ts";
import type { Role } from "./access/roles.ts";
import { createShared, type RequestMeter } from "./clients.ts";
import { type Cluster, type Clusters, heal, type UnusableCluster } from "./cluster.ts";
import { createExchange, type LoginMeter } from "./logins/exchange.ts";
import { createPersonLogins, groupsKey, type PersonLogins } from "./logins/person-logins.ts";
import { createCodes } from "./mcp/consent-codes.ts";
import type { MeasuredCall } from "./mcp/ended.ts";
import { offer } from "./mcp/gates.ts";
import { createOwnSecrets } from "./secrets/own-secrets.ts";
import { createSecrets, type Masking } from "./secrets/secrets.ts";
import { createSession, type Session } from "./session.ts";
import { settingOf, tomlKey } from "./settings/table.ts";
import type { ClusterSettings, SettingKey } from "./settings/types.ts";
import { type Start, welcome } from "./start.ts";
import { catalog } from "./tools/catalog.data.ts";

/** One server for many people: each has a session of their own, with what their role leaves of the server's. */
export interface Service {
  /** The session of who calls, made when they call for the first time. */
  sessionOf(principal: Principal): Session;
  /** What a role offers: names of tools. @throws Refused where that is none. */
  toolsOf(role: Role | undefined): readonly string[];
  /** Takes out of a text for the log what must not leave this process. */
  readonly mask: Masking["mask"];
}

/** What the service is made with beside its start. */
export interface ServiceOptions {
  /** One line for the log. */
  log(line: string): void;
  /** Aborts when the server is to end: what waits answers with what it knows. */
  readonly hurry: AbortSignal;
  /** The keys that replicas share, for consents; one of this process alone where it is not said. */
  readonly stateKeys?: (() => readonly Buffer[]) | undefined;
  /** What counts calls and requests. */
  readonly meter?: Meter | undefined;
}

/** Told of what happens, and nothing of what it was about. */
export interface Meter extends RequestMeter, LoginMeter {
  /** A call that has ended, by the role of who made it. */
  called(role: string | undefined, call: MeasuredCall): void;
}

/** A session, and the logins at Nomad of whose it is, where their role has such. */
interface Kept {
  readonly session: Session;
  readonly logins: PersonLogins | undefined;
}

/** So many callers' sessions are kept, those who called last; another one is made anew. */
const mostSessions = 200;
/** So many tokens are masked: callers may have one of their own at each cluster, and those before them are not shown either. */
const mostTokens = 1_000;

/** A service of a start. What a role leaves of it is made when it is first asked for: see {@link Service.toolsOf}. */
export function createService(start: Start, { log, hurry, stateKeys, meter }: ServiceOptions): Service {
  const shared = createShared(hurry, meter);
  // The server's own secrets are everybody's; what one caller's calls have seen masks, and so confirms, for nobody else.
  const own = createOwnSecrets(mostTokens);
  const { mask } = createSecrets(own);
  const starts = new Map<string | undefined, Start>();
  const sessions = new Map<string, Kept>();
  const clock = () => performance.now();
  const exchange = createExchange(clock, meter);

  function startOf(role: Role | undefined): Start {
    const made = starts.get(role?.name) ?? narrowed(start, role);
    starts.set(role?.name, made);
    return made;
  }

  /** Makes the session of somebody who calls for the first time. */
  function keep({ id: who, name, role }: Principal, id: string): Kept {
    const logins = role?.token === "login" ? createPersonLogins(exchange, clock) : undefined;
    const session = createSession(startOf(role), {
      ...{ warn: log, secrets: createSecrets(own), principal: who, author: name, shared },
      caller: logins && ((cluster) => logins.at(cluster)),
      measured: meter && ((call) => meter.called(role?.name, call)),
      codes: createCodes({ caller: id, ...(stateKeys && { keys: stateKeys }) }),
    });
    return { session, logins };
  }

  return {
    mask,
    toolsOf: (role) => [...startOf(role).offer.tools.keys()],
    sessionOf(principal) {
      const { id: who, role } = principal;
      const bearer = role?.token === "login" ? bearerOf(principal) : undefined;
      // Somebody who was given another role is another caller, and so is who is in other groups, where Nomad goes by those.
      const id = JSON.stringify([who, role?.name, ...(bearer ? [groupsKey(bearer)] : [])]);
      const kept = sessions.get(id) ?? keep(principal, id);
      kept.logins?.shown(bearer);
      sessions.delete(id);
      sessions.set(id, kept);
      for (const [oldest, { logins }] of sessions) {
        if (sessions.size <= mostSessions) break;
        sessions.delete(oldest);
        logins?.release();
      }
      return kept.session;
    },
  };
}

/** What a role leaves of a start. Over the network nobody is told of the server's own variables. */
function narrowed(start: Start, role: Role | undefined): Start {
  const { settings: whole, clusters: all } = start;
  const names = role?.clusters;
  const [first, ...others] = all.filter(({ settings }) => names?.includes(settings.name) ?? true);
  if (first === undefined) throw new Error(`role ${role?.name} has no cluster`);
  const clusters: Clusters = [clusterOf(first, all, role), ...others.map((each) => clusterOf(each, all, role))];
  const settingName = nameFor(role);
  // What a role does not say is as the server has it, the sets that were asked for among it.
  const gates = role && { ...role, toolsets: role.toolsets ?? (role.enabledTools ? undefined : ["all"]) };
  const readOnly = whole.readOnly || (role?.readOnly ?? false);
  const left = catalog.toolsets.map(({ name, optIn, tools }) => ({
    name,
    optIn,
    tools: tools.filter((tool) => start.offer.tools.has(tool.name)),
  }));
  const gateNames = { ...start.gateNames, whose: role ? `your role ${role.name}` : "this server" };
  const offered = gates === undefined ? start.offer : offer(left, gates, gateNames);
  const [one, ...more] = clusters.map(({ settings }) => settings);
  if (one === undefined) throw new Error("there is always a cluster");
  const { toolsets: _, disabledTools: __, ...rest } = whole;
  const settings = {
    ...rest,
    ...{ readOnly, clusters: [one, ...more] as const, settingName },
    confirm: role?.confirm ?? whole.confirm,
    // What is not said of a role is no: values of variables are what keys of others open.
    showVariables: whole.showVariables && (role === undefined || role.showVariables === true),
    // The tools are what is left of the server's own gates and those of the role together.
    enabledTools: [...offered.tools.keys()],
  };
  const library = start.library?.only(role?.libraries, !readOnly && role?.libraryWrite !== false);
  return {
    ...start,
    ...{ settings, clusters, library, gateNames },
    offer: offered,
    welcome: welcome(settings, clusters, offered, library),
  };
}

/** A cluster as a role may see it. */
function clusterOf(
  cluster: Cluster | UnusableCluster,
  all: Clusters,
  role: Role | undefined,
): Cluster | UnusableCluster {
  const settings = clusterSettings(cluster.settings, role);
  if (!("fault" in cluster)) return { ...cluster, settings };
  return {
    ...{ settings, fault: cluster.fault },
    // It is opened once, for everybody.
    async again() {
      const now = () => all.find((each) => each.settings.name === cluster.settings.name) ?? cluster;
      const known = now();
      if ("fault" in known) await heal(all, known);
      return clusterOf(now(), all, role);
    },
  };
}

function clusterSettings(whole: ClusterSettings, role: Role | undefined): ClusterSettings {
  const namespaces = role?.namespaces ?? whole.namespaces;
  const isOpen = namespaces === undefined || namespaces.includes(whole.namespace);
  return {
    ...whole,
    readOnly: whole.readOnly || (role?.readOnly ?? false),
    ...(namespaces && { namespaces }),
    namespace: isOpen ? whole.namespace : (namespaces[0] ?? whole.namespace),
    settingName: nameFor(role),
  };
}

/** What a caller is told of a setting: what their role says is the role's, and else it is one of the server's. */
function nameFor(role: Role | undefined): (key: SettingKey) => string {
  return (key) => {
    if (key === "token" && role?.token === "login") return "your sign-in at Nomad";
    if (role !== undefined && saysItself(role, key)) return `your role ${role.name}`;
    return `the server's setting ${tomlKey(settingOf(key)) ?? key}`;
  };
}

function saysItself(role: Role, key: SettingKey): boolean {
  if (key === "showVariables") return role.showVariables !== true;
  return key === "readOnly" ? role.readOnly : key === "namespaces" && role.namespaces !== undefined;
}
