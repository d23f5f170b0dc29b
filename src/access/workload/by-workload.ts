import { decodeJwt } from "jose";
import { quotedLine } from "../../text/untrusted.ts";
import { type Authenticator, bearerIn, type NotLetIn } from "../authenticator.ts";
import { openSigningKeys } from "../jwt/signing-keys.ts";
import { type Claims, type Expected, verify } from "../jwt/verify.ts";
import { isLike } from "../like.ts";
import { namesOf } from "../oidc/metadata.ts";
import { type Principal, principalId } from "../principal.ts";
import type { Role } from "../roles.ts";
import { type NomadAgent, nomadKeys } from "./nomad-keys.ts";

/** How Nomad jobs are known. */
export interface Workloads {
  /** The address by which this server is reached: what their tokens are for. */
  readonly publicUrl: string;
  readonly roles: ReadonlyMap<string, Role>;
  /** An agent of the cluster whose jobs they are. */
  agent(): Promise<NomadAgent>;
  /** Told when Nomad's keys can no longer be read, with why, and (undefined) when they can again. */
  changed(trouble: string | undefined): void;
}

/** The claims by which Nomad names a workload (operator-observed.md §8). A job that a dispatch made is named by its parent. */
interface Workload extends Claims {
  readonly nomad_namespace: string;
  readonly nomad_job_id: string;
}

/**
 * Who calls is the Nomad job for which Nomad itself signed a named identity whose audience is this server. The default identity of a
 * task is for Nomad alone, and refused by its audience.
 */
export function byWorkload({ publicUrl, roles, agent, changed }: Workloads): Authenticator {
  const keys = openSigningKeys({ read: nomadKeys(agent), changed });
  const expected: Expected = {
    ...{ keys, signer: "Nomad", audiences: namesOf(publicUrl) },
    again: "take the one that the file of the identity has now, which Nomad renews",
    toEnd: "give the task a named identity with aud and ttl, and take its file",
  };
  const unauthorized = (detail: string): NotLetIn => ({
    kind: "unauthorized",
    ...{ detail, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } },
  });

  return {
    takes: (credentials) => isWorkload(unverified(bearerIn(credentials) ?? "")),
    async identify(credentials) {
      const token = bearerIn(credentials);
      if (token === undefined) {
        const detail = `A Nomad job shows its named identity as Bearer: identity { name = "nomad_mcp" aud = ["${expected.audiences[0]}"] ttl = "1h" file = true }.`;
        return { refused: { kind: "unauthorized", detail, headers: { "WWW-Authenticate": "Bearer" } } };
      }
      const verified = await verify(token, expected);
      if ("fault" in verified) {
        const { kind, detail, hint } = verified.fault;
        const said = kind === "unauthorized" ? unauthorized(detail) : { kind, detail, headers: { "Retry-After": "5" } };
        return { refused: { ...said, ...(hint !== undefined && { hint }) } };
      }
      const { claims } = verified;
      if (isWorkload(claims)) return principalOf(claims, roles);
      return { refused: unauthorized("The token names no namespace and job: it is no identity of a workload.") };
    },
    notReady() {
      const why = keys.notReady();
      return why === undefined ? undefined : `no keys of Nomad: ${why}`;
    },
  };
}

function principalOf(
  { nomad_namespace: namespace, nomad_job_id: job, sub, exp }: Workload,
  roles: ReadonlyMap<string, Role>,
): { readonly principal: Principal } | { readonly refused: NotLetIn } {
  const name = quotedLine(`${namespace}/${job}`, 150);
  const role = [...roles.values()].find(({ jobs }) => jobs?.some((pattern) => fits(pattern, namespace, job)));
  if (role === undefined) {
    const detail = `The job ${name} has no role here: whoever runs this server can name it in the jobs of one.`;
    return { refused: { kind: "forbidden", detail } };
  }
  // All its allocations are one caller: rates and places would else grow with its count.
  const id = principalId("workload-identity", namespace, job);
  const principal: Principal = {
    ...{ id, name, auth: "workload-identity", subject: quotedLine(sub, 200), role, expires: exp * 1000 },
  };
  return { principal };
}

/** True where `pattern` is `namespace/job` of this one, `*` standing for any text within one of the two. */
function fits(pattern: string, namespace: string, job: string): boolean {
  const cut = pattern.indexOf("/");
  return isLike(pattern.slice(0, cut), namespace) && isLike(pattern.slice(cut + 1), job);
}

function isWorkload(claims: object): claims is Workload {
  const { nomad_namespace: namespace, nomad_job_id: job }: Partial<Record<keyof Workload, unknown>> = claims;
  return typeof namespace === "string" && namespace !== "" && typeof job === "string" && job !== "";
}

/** What a token says before anybody knows whether it holds: it decides who verifies it, and nothing else. */
function unverified(token: string): object {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}
