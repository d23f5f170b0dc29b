import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ReadableStream } from "node:stream/web";
import { decodeJwt } from "jose";
import { onTestFinished } from "vitest";
import { serve } from "./authority.ts";
import { recorded } from "./recorded-state.ts";

/** A token that somebody was given. */
export interface Given {
  readonly secret: string;
  readonly accessor: string;
  readonly name: string;
  /** Of the groups of whoever signed in: `ops` may change things. */
  readonly policies: readonly string[];
  readonly expires: number;
}

/** A request as it came: whose token it had, none of Nomad's words in it. */
export interface Asked {
  readonly what: string;
  /** The name of the token; `unknown` where there is no such; undefined where none was sent. */
  readonly as: string | undefined;
  readonly head: string;
}

/**
 * In front of a cluster without ACLs: a Nomad with them, as far as signing in goes. It signs in whoever is in `ops` or `staff`, gives what
 * `ops` may to whoever has signed in by two factors (`acr` is `mfa`), and names tokens by `email`, which so has to be there; in the
 * shape that was recorded of a real one, and says what a real one says of tokens that have expired, are gone, and may not.
 */
export interface LoginNomad {
  readonly address: string;
  readonly asked: readonly Asked[];
  readonly given: readonly Given[];
  /** Access tokens that came with a login. */
  readonly shown: readonly string[];
  /** Forgets all tokens, as a Nomad whose administrator has revoked them. */
  revoke(): void;
  /** How long a token lives, in ms. */
  life: number;
  /** The answer to the next logins, by the name of what was recorded. */
  instead: string | undefined;
  /** A login takes so long, in ms. */
  pause: number;
}

/** Serves until the test has finished. */
export async function loginNomad(cluster: string): Promise<LoginNomad> {
  const asked: Asked[] = [];
  const given: Given[] = [];
  const shown: string[] = [];
  let valid = new Set<Given>();
  const server = await serve(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const { pathname } = new URL(url, cluster);
    const secret = headers["x-nomad-token"]?.toString();
    const token = [...valid].find((each) => each.secret === secret);
    const as = secret === undefined ? undefined : (token?.name ?? "unknown");
    asked.push({ what: `${method} ${pathname}`, as, head: request.rawHeaders.join("\n") });
    const say = (status: number, body: unknown) => {
      const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
      response.writeHead(status, { "content-type": type });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (pathname === "/v1/acl/auth-methods") return say(200, recorded("acl-login/auth-methods-no-token.json").body);
    if (pathname === "/v1/acl/login") return login(JSON.parse(await text(request)), say);
    const isOver = token !== undefined && token.expires <= Date.now();
    if (pathname === "/v1/acl/token/self") {
      if (isOver) return say(500, "ACL token expired");
      return token === undefined ? say(403, "Permission denied") : say(200, objectOf(token));
    }
    const may = token?.policies.includes("ops") || method === "GET" || /\/(plan|parse|search|statuses)$/.test(pathname);
    if (token === undefined || isOver || !may) return say(403, "Permission denied");
    const { "x-nomad-token": _, host: __, "content-length": ___, ...rest } = headers;
    const reply = await fetch(new URL(url, cluster), {
      method,
      headers: rest as Record<string, string>,
      ...(method !== "GET" && { body: await text(request) }),
    });
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    if (reply.body === null) response.end();
    else Readable.fromWeb(reply.body as ReadableStream).pipe(response);
  });
  onTestFinished(() => server.stop());

  async function login(body: { LoginToken: string }, say: (status: number, body: unknown) => void): Promise<void> {
    shown.push(body.LoginToken);
    await new Promise((resolve) => setTimeout(resolve, nomad.pause));
    const { email, acr, groups } = decodeJwt(body.LoginToken);
    const named = Array.isArray(groups) ? groups.filter((group) => group === "ops" || group === "staff") : [];
    const policies = acr === "mfa" ? [...named, "ops"] : named;
    const fault = policies.length === 0 ? "login-no-binding" : email === undefined && "login-no-claim-for-name";
    const file = nomad.instead ?? (fault || "login");
    const reply = recorded(`acl-login/${file}.json`);
    if (reply.status !== 200) return say(reply.status, reply.body);
    const token: Given = {
      ...{ secret: randomUUID(), accessor: randomUUID(), name: `JWT-${email}`, policies },
      expires: Date.now() + nomad.life,
    };
    given.push(token);
    valid.add(token);
    say(200, objectOf(token));
  }

  function objectOf({ secret, accessor, name, policies, expires }: Given): object {
    return {
      ...(recorded("acl-login/login.json").body as object),
      ...{ SecretID: secret, AccessorID: accessor, Name: name, Policies: policies, Roles: null },
      ...{ CreateTime: new Date(expires - nomad.life).toISOString(), ExpirationTime: new Date(expires).toISOString() },
    };
  }

  const nomad: LoginNomad = {
    ...{ address: `http://127.0.0.1:${server.port}`, asked, given, shown },
    revoke() {
      valid = new Set();
    },
    ...{ life: 3_600_000, instead: undefined, pause: 0 },
  };
  return nomad;
}
