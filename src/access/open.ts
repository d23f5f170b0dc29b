import { readSettingFile } from "../api/connect/renewed.ts";
import { Refusal } from "../api/errors/refusal.ts";
import type { Sent } from "../api/request/connection.ts";
import { tomlParser } from "../settings/toml.ts";
import type { NetworkSettings, SettingsFile } from "../settings/types.ts";
import { type Authenticator, alsoNaming, byAny, byKey, byNothing, type Credentials } from "./authenticator.ts";
import { byCertificate } from "./certificate/by-certificate.ts";
import { newKey, onlyKey, openKeys } from "./keys.ts";
import type { TokenCluster } from "./nomad-token/self.ts";
import { metadataOf, type ResourceMetadata } from "./oidc/metadata.ts";
import { type Principal, principalId } from "./principal.ts";
import type { Role } from "./roles.ts";
import type { NomadAgent } from "./workload/nomad-keys.ts";

/** What the ways to know who calls are opened with. */
export interface AccessOptions {
  readonly network: NetworkSettings;
  readonly file: SettingsFile | undefined;
  readonly roles: ReadonlyMap<string, Role>;
  readonly isPrivate: boolean;
  /** The cluster whose jobs may call, and which knows callers' own tokens. */
  agent(): Promise<NomadAgent & TokenCluster>;
  /** Told of each change of the file of keys: why it cannot be used; undefined where it is. */
  keysChanged(trouble: string | undefined): void;
  readonly log: { info(line: string): void; warn(line: string): void };
  /** Told of each request to that cluster. */
  readonly sent?: ((cluster: string, sent: Sent) => void) | undefined;
}

/** Who may call. */
export interface Access {
  readonly authenticator: Authenticator;
  /** What clients are told of where to sign in; undefined where that is nowhere. */
  readonly metadata: ResourceMetadata | undefined;
  /** A key that was made for this run alone. */
  readonly fresh?: string;
}

/** The ways to know who calls that the settings name. @throws Refusal where one cannot be opened. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { auth, publicUrl = "", oidcIssuer, oidcScopes } = options.network;
  const keys = auth.includes("keys") ? await openKeysWay(options) : undefined;
  const provider =
    auth.includes("oidc") && oidcIssuer !== undefined ? await openProvider(options, oidcIssuer) : undefined;
  const workload = auth.includes("workload-identity") ? await openWorkloads(options) : undefined;
  const { certificateName: kind } = options.network;
  const mutual = auth.includes("mtls") ? byCertificate({ kind, roles: options.roles }) : undefined;
  // The provider takes every JWT that is not one of Nomad, and tells whoever shows nothing where to sign in.
  const byHeader = [workload, provider, keys?.way].filter((way) => way !== undefined);
  const takenByOthers = (credentials: Credentials) => byHeader.some((way) => way.takes(credentials));
  const token = auth.includes("nomad-token") ? await openNomadTokens(options, takenByOthers) : undefined;
  // A token that is shown says who calls, whatever certificate the connection has.
  const ways = [token, ...byHeader, mutual].filter((way) => way !== undefined);
  const first = provider ?? keys?.way ?? token ?? workload ?? mutual ?? byNothing();
  const other = token === undefined || first === token ? first : alsoNaming(first, orNomadToken);
  return {
    authenticator: byAny(ways, other),
    metadata: provider && oidcIssuer !== undefined ? metadataOf(publicUrl, oidcIssuer, oidcScopes) : undefined,
    ...(keys?.fresh !== undefined && { fresh: keys.fresh }),
  };
}

/** The keys that open the server. `fresh`: the one that was made for this run. */
async function openKeysWay({
  network,
  file,
  roles,
  isPrivate,
  keysChanged: changed,
}: AccessOptions): Promise<{ readonly way: Authenticator; readonly fresh?: string }> {
  const inSettings = file?.section("keys") === undefined ? undefined : file.path;
  const path = network.keysFile ?? inSettings;
  if (path !== undefined) {
    const setting = network.keysFile === undefined ? "the settings file" : network.settingName("keysFile");
    return { way: byKey(openKeys({ file: path, setting, parse: await tomlParser(), roles }, { changed })) };
  }
  if (!isPrivate) {
    throw new Refusal(
      `${network.settingName("keysFile")} is needed where other machines reach the server: nomad-mcp key new NAME makes a key.`,
    );
  }
  const { key } = newKey();
  const whose: Principal = { id: principalId("key", "this-run"), name: "this-run", auth: "key", role: undefined };
  return { way: byKey(onlyKey(key, whose)), fresh: key };
}

/** The jobs of the cluster. What verifies their tokens is loaded where they may call. */
async function openWorkloads({ network, roles, agent, log }: AccessOptions): Promise<Authenticator> {
  const { byWorkload } = await import("./workload/by-workload.ts");
  return byWorkload({ publicUrl: network.publicUrl ?? "", roles, agent, changed: tell(log, "Nomad") });
}

const orNomadToken = "Or show your own Nomad token, in the header X-Nomad-Token.";

/** Holders of tokens of the cluster. What looks at these is loaded where they may call. */
async function openNomadTokens(
  { network: { allowManagement }, roles, agent, sent }: AccessOptions,
  takenByOthers: (credentials: Credentials) => boolean,
): Promise<Authenticator> {
  const [{ byNomadToken }, { lookUpAt }] = await Promise.all([
    import("./nomad-token/by-nomad-token.ts"),
    import("./nomad-token/self.ts"),
  ]);
  return byNomadToken({ roles, allowManagement, takenByOthers, lookUp: lookUpAt(agent, sent) });
}

/** The team's provider. What verifies its tokens is loaded where there is one. */
async function openProvider({ network, roles, log }: AccessOptions, issuer: string): Promise<Authenticator> {
  const { byProvider } = await import("./oidc/by-provider.ts");
  const { publicUrl = "", oidcCa: ca, settingName } = network;
  // A file that is not there stops the start, and not the first caller.
  if (ca !== undefined) readSettingFile(settingName("oidcCa"), ca);
  return byProvider({
    ...{ issuer, ca, settingName, publicUrl, roles },
    ...{ audiences: network.oidcAudience, scopes: network.oidcScopes },
    ...{ userClaim: network.oidcUserClaim, groupsClaim: network.oidcGroupsClaim },
    changed: tell(log, `the provider ${issuer}`),
  });
}

/** Tells of keys that can no longer be read, or can again. */
function tell(log: AccessOptions["log"], whose: string): (trouble: string | undefined) => void {
  return (trouble) =>
    trouble === undefined
      ? log.info(`the keys of ${whose} can be read again`)
      : log.warn(`the keys of ${whose} cannot be read: ${trouble}`);
}
