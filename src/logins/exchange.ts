import type { Transport } from "../api/connect/connection.ts";
import { NomadError, type NomadErrorKind } from "../api/errors/errors.ts";
import { explain } from "../api/errors/explain.ts";
import { Refusal } from "../api/errors/refusal.ts";
import type { Sent } from "../api/request/connection.ts";
import { oneOfMany } from "../api/request/one-of-many.ts";
import { createQueue, type Queue } from "../api/request/queue.ts";
import type { Cluster } from "../cluster.ts";
import { type AuthMethod, acl } from "../endpoints/acl.ts";
import { NomadClient } from "../nomad-client.ts";
import { fromGoTime } from "../text/time.ts";
import { quotedLine } from "../text/untrusted.ts";
import { all } from "../text/words.ts";

/** A Nomad token that somebody was given for their access token. */
export interface NomadLogin {
  /** Sent as X-Nomad-Token. */
  readonly secret: string;
  /** The id by which Nomad's own audit log names it. */
  readonly accessor: string;
  /** How long it lives from when it was made, in ms, by Nomad's own clock; undefined: for ever. */
  readonly life: number | undefined;
}

/** Told how each exchange ended, and of the requests that were sent for it. */
export interface LoginMeter {
  /** `refused`: Nomad gives no token; `failed`: it could not be asked, or has no auth method that could be meant. */
  loggedIn(cluster: string, outcome: "ok" | "refused" | "failed"): void;
  sent(cluster: string, sent: Sent): void;
}

/** Exchanges access tokens of the provider for tokens of Nomad, and asks Nomad about those. */
export interface Exchange {
  /**
   * A new token of Nomad for a verified access token, which goes to this cluster's login and nowhere else.
   *
   * @throws Refusal with what is wrong where Nomad gives none; NomadError where Nomad could not be asked.
   */
  logIn(cluster: Cluster, bearer: string): Promise<NomadLogin>;
  /** Whether Nomad still knows a token; undefined where it does not tell. Of what the token may do this says nothing. */
  knows(cluster: Cluster, secret: string): Promise<boolean | undefined>;
}

/** So many exchanges are under way towards one cluster at a time, in places of their own: calls that hold one wait for these. */
const places = 8;
/** The name of the method that is Nomad's default is looked up again after this long, in ms. */
const methodKnown = 60_000;

/** Nothing is said of the person or of their access token where Nomad could not even be asked. */
const unasked: readonly NomadErrorKind[] = [
  ...(["connection_lost", "no_leader", "not_nomad", "rate_limited", "redirected", "scheme"] as const),
  ...(["timeout", "tls", "unhealthy", "unreachable", "unreadable"] as const),
];

/** `clock`: ms, never going back. */
export function createExchange(clock: () => number, meter?: LoginMeter): Exchange {
  const queues = new WeakMap<Transport, Queue>();
  const methods = new WeakMap<Transport, { readonly name: string; readonly until: number }>();

  /**
   * The client of a cluster with the token of a person, else with none, since whoever signs in has none yet. But the socket in a task
   * (Nomad's Task API) lets nobody through without one, whatever they ask: there it is the server's own, which a login does not look at.
   */
  function clientOf({ settings, transport, token: own }: Cluster, secret?: string): NomadClient {
    const { base, address, headers, fetch } = transport;
    const { name, region, settingName } = settings;
    const token = secret === undefined ? (settings.address.startsWith("unix:") ? own : undefined) : () => secret;
    const queue = queues.get(transport) ?? createQueue(places);
    queues.set(transport, queue);
    return new NomadClient({
      ...{ base, address, headers, fetch, region, settingName, queue },
      ...{ namespace: "default", readOnly: true },
      ...(token && { token }),
      measured: meter && ((sent) => meter.sent(name, oneOfMany(sent))),
    });
  }

  async function methodOf(cluster: Cluster, nomad: NomadClient): Promise<string> {
    const { settings, transport } = cluster;
    if (settings.loginMethod !== undefined) return settings.loginMethod;
    const known = methods.get(transport);
    if (known !== undefined && known.until > clock()) return known.name;
    const name = usual((await nomad.list(acl.authMethods)).items, settings.settingName("loginMethod"));
    methods.set(transport, { name, until: clock() + methodKnown });
    return name;
  }

  return {
    async logIn(cluster, bearer) {
      const { name } = cluster.settings;
      const nomad = clientOf(cluster);
      let method: string | undefined;
      try {
        method = await methodOf(cluster, nomad);
        const body = { AuthMethodName: method, LoginToken: bearer };
        const { SecretID, AccessorID, CreateTime, ExpirationTime } = await nomad.ask(acl.login, {}, body);
        meter?.loggedIn(name, "ok");
        const [made, ends] = [fromGoTime(CreateTime), fromGoTime(ExpirationTime)];
        const life = made === undefined || ends === undefined ? undefined : ends - made;
        return { secret: SecretID, accessor: AccessorID, life };
      } catch (error) {
        methods.delete(cluster.transport);
        const answered = error instanceof NomadError && !unasked.includes(error.kind);
        meter?.loggedIn(name, answered ? "refused" : "failed");
        throw answered ? refusalOf(error, method) : error;
      }
    },
    async knows(cluster, secret) {
      try {
        await clientOf(cluster, secret).get(acl.self);
        return true;
      } catch (error) {
        // Any token may read itself: one that may not has expired, or is gone (operator-observed.md §8).
        if (error instanceof NomadError && (error.kind === "forbidden" || error.kind === "bad_token")) return false;
        if (error instanceof NomadError) return undefined;
        throw error;
      }
    },
  };
}

/** The method where none is set: over HTTP a login has to name one. @throws Refusal where it cannot be told which is meant. */
function usual(methods: readonly AuthMethod[], setting: string): string {
  const able = methods.filter(({ Type }) => Type === "JWT");
  const chosen = able.find((method) => method.Default) ?? (able.length === 1 ? able[0] : undefined);
  if (chosen !== undefined) return chosen.Name;
  const has =
    able.length > 0
      ? `it has ${all(able.map(({ Name }) => quotedLine(Name, 80)))}, none of which is its default`
      : methods.length > 0
        ? `it has ${all(methods.map(({ Name, Type }) => `${quotedLine(Name, 80)} (${quotedLine(Type, 20)})`))}, and none of type JWT`
        : "it has none";
  throw new Refusal(
    `You cannot be signed in at Nomad, since it is not said by which of its auth methods: ${has}. Whoever runs this server sets ${setting}, or whoever runs Nomad makes one of type JWT the default.`,
  );
}

/**
 * What is wrong with a login, as the whole answer of a call. It is no NomadError: nothing that asks Nomad for an object may
 * take it for what Nomad says of that.
 */
function refusalOf(error: NomadError, method: string | undefined): Refusal {
  const by = method === undefined ? "" : ` by its auth method ${quotedLine(method, 80)}`;
  const open = error.reply.includes("ACL support disabled")
    ? '\nWithout them there is nothing to sign in for: whoever runs this server takes token = "login" out of your role.'
    : "";
  return new Refusal(`You could not be signed in at Nomad${by}: ${explain(error)}${open}`);
}
