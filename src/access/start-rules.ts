import { isLoopback } from "../api/connect/loopback.ts";
import { Refusal } from "../api/errors/refusal.ts";
import type { NetworkSettings } from "../settings/types.ts";
import type { Role } from "./roles.ts";

/** What of a start is looked at before a server listens. */
export interface Planned {
  readonly network: NetworkSettings;
  /** True where nobody on another machine reaches it. */
  readonly isPrivate: boolean;
  readonly demo: boolean;
  readonly readOnly: boolean;
  readonly confirm: "host" | "ask";
  readonly roles: ReadonlyMap<string, Role>;
  /** The name of the cluster of calls that name none. */
  readonly cluster: string;
  /** It has a library of job files. */
  readonly library: boolean;
}

/** @throws Refusal, with one line that names the setting, for a server that would stand open or could not work. */
export function checkPlan(planned: Planned): void {
  const { network, isPrivate, demo, readOnly, confirm, roles } = planned;
  const { settingName: name, publicUrl, allowedHosts = [], allowedOrigins = [] } = network;
  const { tlsCert, tlsKey, tlsClientCa, behindProxy, auth, stateKeyFile } = network;
  if (Boolean(tlsCert) !== Boolean(tlsKey)) {
    throw new Refusal(`${name("tlsCert")} and ${name("tlsKey")} belong together: set both or none.`);
  }
  if (tlsClientCa && !tlsCert) {
    throw new Refusal(`${name("tlsClientCa")} is of no use without TLS: set ${name("tlsCert")} and ${name("tlsKey")}.`);
  }
  if (!isPrivate && !tlsCert && !behindProxy) {
    throw new Refusal(
      `${name("listen")} is reached from other machines, and keys would go over the network in clear: set ${name("tlsCert")} and ${name("tlsKey")}, or ${name("behindProxy")} where a proxy ends TLS.`,
    );
  }
  if (auth.includes("none") && auth.length > 1) {
    throw new Refusal(`${name("auth")}: none lets everybody in, so nothing can stand beside it.`);
  }
  if (auth.includes("none") && !(isPrivate && (readOnly || demo))) {
    throw new Refusal(
      `${name("auth")}: none is for this machine alone (loopback or a unix socket), and there for a server that only reads, or for the demo.`,
    );
  }
  checkPublicUrl(publicUrl, name("publicUrl"));
  if (!isPrivate && publicUrl === undefined && allowedHosts.length === 0) {
    throw new Refusal(`${name("publicUrl")} is needed: a server that others reach answers only by the names it knows.`);
  }
  if (auth.includes("nomad-token")) checkNomadTokens(planned);
  const login = [...roles.values()].find(({ token }) => token === "login");
  if (login !== undefined && !auth.includes("oidc")) {
    throw new Refusal(
      `${name("auth")}: the role ${login.name} has token = "login", which only people can use who sign in at the provider: add oidc to it.`,
    );
  }
  if (auth.includes("oidc")) checkSignIn(network, roles);
  if (auth.includes("workload-identity")) checkWorkloads(network, roles);
  if (auth.includes("mtls")) checkCertificates(network, roles);
  for (const host of allowedHosts) {
    if (/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/i.test(host)) continue;
    throw new Refusal(`${name("allowedHosts")}: ${JSON.stringify(host)} is no name of a host (without a port).`);
  }
  for (const origin of allowedOrigins) {
    if (/^https?:\/\/[^/*\s]+$/.test(origin)) continue;
    throw new Refusal(
      `${name("allowedOrigins")}: ${JSON.stringify(origin)} is no origin, such as https://inspector.example.com.`,
    );
  }
  const asks = confirm === "ask" || [...roles.values()].some((role) => role.confirm === "ask");
  if (asks && !isPrivate && stateKeyFile === undefined) {
    throw new Refusal(
      `${name("stateKeyFile")} is needed where the server asks for consent: without it the code of one replica would not hold on another.`,
    );
  }
}

/** What is needed where people sign in at a provider. */
function checkSignIn({ oidcIssuer, publicUrl, settingName: name }: NetworkSettings, roles: Planned["roles"]): void {
  if (oidcIssuer === undefined) {
    throw new Refusal(`${name("oidcIssuer")} is needed: it says at which provider people sign in.`);
  }
  const issuer = URL.canParse(oidcIssuer) ? new URL(oidcIssuer) : undefined;
  const isSafe = issuer?.protocol === "https:" || (issuer?.protocol === "http:" && isLoopback(issuer.hostname));
  if (!isSafe || /[?#@\s]/.test(oidcIssuer)) {
    throw new Refusal(
      `${name("oidcIssuer")}: ${JSON.stringify(oidcIssuer.slice(0, 80))} must be the https:// address of an issuer (http:// on loopback).`,
    );
  }
  if (publicUrl === undefined) {
    throw new Refusal(
      `${name("publicUrl")} is needed where people sign in: it is what their tokens are for, and how clients find the provider.`,
    );
  }
  if ([...roles.values()].some(({ groups }) => groups !== undefined)) return;
  throw new Refusal(
    `${name("auth")}: oidc needs a role with groups in the settings file, such as [roles.viewer] with groups = ["staff"], or ["*"] for everybody who signs in.`,
  );
}

/** What is needed where Nomad jobs call. */
function checkWorkloads({ publicUrl, settingName: name }: NetworkSettings, roles: Planned["roles"]): void {
  if (publicUrl === undefined) {
    throw new Refusal(`${name("publicUrl")} is needed where Nomad jobs call: it is what their tokens are for (aud).`);
  }
  if ([...roles.values()].some(({ jobs }) => jobs !== undefined)) return;
  throw new Refusal(
    `${name("auth")}: workload-identity needs a role with jobs in the settings file, such as [roles.ci] with jobs = ["default/ci"].`,
  );
}

/** What is needed where callers show Nomad tokens of their own. */
function checkNomadTokens({ network, demo, roles, cluster, library }: Planned): void {
  const { auth, settingName: name } = network;
  if (auth.includes("oidc")) {
    throw new Refusal(
      `${name("auth")}: oidc and nomad-token exclude each other: where people sign in at a provider, a token of Nomad would lead past it, and past the groups that roles name.`,
    );
  }
  if (demo) {
    throw new Refusal(
      `${name("auth")}: nomad-token is of no use with the demo: it has no ACLs and takes any token, so that none says who calls.`,
    );
  }
  const choosing = [...roles.values()].filter(({ nomadPolicies }) => nomadPolicies !== undefined);
  const away = choosing.find(({ clusters }) => clusters !== undefined && !clusters.includes(cluster));
  if (away !== undefined) {
    throw new Refusal(
      `${name("auth")}: role ${away.name} has nomad_policies and no cluster ${cluster}: a caller's own token is for that one alone, and goes to no other.`,
    );
  }
  if (library && choosing.length === 0) {
    throw new Refusal(
      `${name("auth")}: nomad-token beside a library needs a role with nomad_policies in the settings file, such as [roles.ops] with nomad_policies = ["team-ops"]: who may see job files and save them is nothing that Nomad says.`,
    );
  }
}

/** What is needed where client certificates say who calls. */
function checkCertificates(
  { tlsClientCa, behindProxy, settingName: name }: NetworkSettings,
  roles: Planned["roles"],
): void {
  if (tlsClientCa === undefined) {
    throw new Refusal(`${name("tlsClientCa")} is needed: it is the CA whose certificates say who calls (mtls).`);
  }
  if (behindProxy !== undefined) {
    throw new Refusal(
      `${name("auth")}: mtls and ${name("behindProxy")} exclude each other: behind a proxy that ends TLS every connection has the proxy's own certificate.`,
    );
  }
  if ([...roles.values()].some(({ certificates }) => certificates !== undefined)) return;
  throw new Refusal(
    `${name("auth")}: mtls needs a role with certificates in the settings file, such as [roles.ci] with certificates = ["ci.example.com"].`,
  );
}

function checkPublicUrl(text: string | undefined, setting: string): void {
  if (text === undefined) return;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) return;
  throw new Refusal(
    `${setting}: ${JSON.stringify(text.slice(0, 80))} must be an https:// address (http:// on loopback).`,
  );
}
