import { bearerOf } from "./access/bearer.ts";
import { shownToken } from "./access/nomad-token/shown.ts";
import type { Principal } from "./access/principal.ts";
import type { Role } from "./access/roles.ts";
import { createShared, type RequestMeter } from "./clients.ts";
import { type Cluster, type Clusters, heal, type UnusableCluster } from "./cluster.ts";
import { createExchange, type LoginMeter } from "./logins/exchange.ts";
import { createLogins } from "./logins/logins.ts";
import { createCodes } from "./mcp/consent-codes.ts";
import type { MeasuredCall } from "./mcp/ended.ts";
import { offer } from "./mcp/gates.ts";
import { createOwnSecrets, type OwnSecrets } from "./secrets/own-secrets.ts";
import { createSecrets, type Masking } from "./secrets/secrets.ts";
import { createSession, type Session, type SessionOptions } from "./session.ts";
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

/** Nomad tokens of somebody's own, which go to Nomad in place of the server's. */
interface OwnTokens {
  /** Theirs at a cluster: the same each time. */
  readonly at: NonNullable<SessionOptions["caller"]>;
  /** Told of each request of theirs, and of what that has brought. */
  shown(principal: Principal): void;
}

/** A session, and where the Nomad token of whoever calls comes from, where they have one of their own. */
interface Kept {
  readonly session: Session;
  readonly tokens: OwnTokens | undefined;
}

/** So many callers' sessions are kept, those who called last; another one is made anew. */
const mostSessions = 200;
/** So many tokens of callers are masked in the log: they may have one at each cluster, and those before them are not shown either. */
const mostTokens = 1_000;

/** A service of a start. What a role leaves of it is made when it is first asked for: see {@link Service.toolsOf}. */
export function createService(start: Start, { log, hurry, stateKeys, meter }: ServiceOptions): Service {
  const shared = createShared(hurry, meter);
  // The server's own secrets are everybody's. What one caller's calls have seen, and a token of their own, masks, and so confirms, for
  // nobody else; but in what is written down it is masked whoever has named it.
  const own = createOwnSecrets();
  const callers = createOwnSecrets(mostTokens);
  const { mask } = createSecrets(together(own, callers, callers.add));
  const starts = new Map<string, Start>();
  const sessions = new Map<string, Kept>();
  const clock = () => performance.now();
  const logins = createLogins(createExchange(clock, meter), clock);

  /** `whose`: whose Nomad token requests have. */
  function startOf(role: Role | undefined, whose: Whose = "server"): Start {
    const id = JSON.stringify([role?.name, whose]);
    const made = starts.get(id) ?? narrowed(start, role, whose);
    starts.set(id, made);
    return made;
  }

  /** Undefined for somebody whose requests have the server's own. */
  function tokensOf({ auth, role }: Principal, id: string, secret: OwnSecrets["add"]): OwnTokens | undefined {
    if (auth === "nomad-token") return shownToken(secret);
    if (role?.token !== "login") return undefined;
    const { at, shown } = logins.of(id);
    return { at, shown: (principal) => shown(bearerOf(principal)) };
  }

  /** Makes the session of somebody who calls for the first time. */
  function keep(principal: Principal, id: string): Kept {
    const { id: who, name, role, auth } = principal;
    const theirs = createOwnSecrets();
    const secret = (value: string | undefined) => {
      theirs.add(value);
      callers.add(value);
    };
    const tokens = tokensOf(principal, id, secret);
    const session = createSession(startOf(role, auth === "nomad-token" ? "caller" : "server"), {
      ...{ warn: (line) => log(mask(line)), maskWritten: mask, principal: who, author: name, shared },
      secrets: createSecrets(tokens === undefined ? own : together(own, theirs, secret)),
      caller: tokens?.at,
      measured: meter && ((call) => meter.called(role?.name, call)),
      codes: createCodes({ caller: id, ...(stateKeys && { keys: stateKeys }) }),
    });
    return { session, tokens };
  }

  return {
    mask,
    toolsOf: (role) => [...startOf(role).offer.tools.keys()],
    sessionOf(principal) {
      const { id: who, role } = principal;
      const bearer = role?.token === "login" ? bearerOf(principal) : undefined;
      // Somebody who was given another role is another caller, and so is, where Nomad goes by that, of whom a token says something else.
      const id = JSON.stringify([who, role?.name, ...(bearer ? [bearer.says] : [])]);
      const kept = sessions.get(id) ?? keep(principal, id);
      kept.tokens?.shown(principal);
      sessions.delete(id);
      sessions.set(id, kept);
      for (const oldest of sessions.keys()) {
        if (sessions.size <= mostSessions) break;
        sessions.delete(oldest);
      }
      return kept.session;
    },
  };
}

/** Two stores of secrets as one. */
function together(one: OwnSecrets, other: OwnSecrets, add: OwnSecrets["add"]): OwnSecrets {
  return { add, find: (text) => [...one.find(text), ...other.find(text)] };
}

/** Whose Nomad token the requests of a session have. */
type Whose = "server" | "caller";

/**
 * What a role leaves of a start. Over the network nobody is told of the server's own variables. A token of the caller's is of the first
 * cluster, and goes to no other.
 */
function narrowed(start: Start, role: Role | undefined, whose: Whose): Start {
  const { settings: whole, clusters: all } = start;
  const names = role?.clusters;
  const reached = whose === "caller" ? all.slice(0, 1) : all;
  const [first, ...others] = reached.filter(({ settings }) => names?.includes(settings.name) ?? true);
  if (first === undefined) throw new Error(`role ${role?.name} has no cluster`);
  const settingName = nameFor(role, whose);
  const seen = (cluster: Clusters[number]) => clusterOf(cluster, all, role, settingName);
  const clusters: Clusters = [seen(first), ...others.map(seen)];
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
  settingName: ClusterSettings["settingName"],
): Cluster | UnusableCluster {
  const settings = clusterSettings(cluster.settings, role, settingName);
  if (!("fault" in cluster)) return { ...cluster, settings };
  return {
    ...{ settings, fault: cluster.fault },
    // It is opened once, for everybody.
    async again() {
      const now = () => all.find((each) => each.settings.name === cluster.settings.name) ?? cluster;
      const known = now();
      if ("fault" in known) await heal(all, known);
      return clusterOf(now(), all, role, settingName);
    },
  };
}

function clusterSettings(
  whole: ClusterSettings,
  role: Role | undefined,
  settingName: ClusterSettings["settingName"],
): ClusterSettings {
  const namespaces = role?.namespaces ?? whole.namespaces;
  const isOpen = namespaces === undefined || namespaces.includes(whole.namespace);
  return {
    ...whole,
    readOnly: whole.readOnly || (role?.readOnly ?? false),
    ...(namespaces && { namespaces }),
    namespace: isOpen ? whole.namespace : (namespaces[0] ?? whole.namespace),
    settingName,
  };
}

/** What a caller is told of a setting: what their role says is the role's, and else it is one of the server's. */
function nameFor(role: Role | undefined, whose: Whose): (key: SettingKey) => string {
  return (key) => {
    if (key === "token" && role?.token === "login") return "your sign-in at Nomad";
    if (whose === "caller" && (key === "token" || key === "tokenFile")) return "your header X-Nomad-Token";
    if (role !== undefined && saysItself(role, key)) return `your role ${role.name}`;
    return `the server's setting ${tomlKey(settingOf(key)) ?? key}`;
  };
}

function saysItself(role: Role, key: SettingKey): boolean {
  if (key === "showVariables") return role.showVariables !== true;
  return key === "readOnly" ? role.readOnly : key === "namespaces" && role.namespaces !== undefined;
}
