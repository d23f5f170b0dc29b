import { readSettingFile } from "../api/connect/renewed.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { tomlParser } from "../settings/toml.ts";
import type { NetworkSettings, SettingsFile } from "../settings/types.ts";
import { type Authenticator, byAny, byKey, byNothing } from "./authenticator.ts";
import { newKey, onlyKey, openKeys } from "./keys.ts";
import { metadataOf, type ResourceMetadata } from "./oidc/metadata.ts";
import { type Principal, principalId } from "./principal.ts";
import type { Role } from "./roles.ts";

/** What the ways to know who calls are opened with. */
export interface AccessOptions {
  readonly network: NetworkSettings;
  readonly file: SettingsFile | undefined;
  readonly roles: ReadonlyMap<string, Role>;
  readonly isPrivate: boolean;
  /** Told of each change of the file of keys: why it cannot be used; undefined where it is. */
  keysChanged(trouble: string | undefined): void;
  readonly log: { info(line: string): void; warn(line: string): void };
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
  // The provider comes first: whoever shows nothing is told where to sign in.
  const [first = byNothing(), ...others] = [provider, keys?.way].filter((way) => way !== undefined);
  return {
    authenticator: byAny([first, ...others]),
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

/** The team's provider. What verifies its tokens is loaded where there is one. Its keys are asked for at once. */
async function openProvider({ network, roles, log }: AccessOptions, issuer: string): Promise<Authenticator> {
  const { byProvider } = await import("./oidc/by-provider.ts");
  const { publicUrl = "", oidcCa: ca, settingName } = network;
  // A file that is not there stops the start, and not the first caller.
  if (ca !== undefined) readSettingFile(settingName("oidcCa"), ca);
  const provider = byProvider({
    ...{ issuer, ca, settingName, publicUrl, roles },
    ...{ audiences: network.oidcAudience, scopes: network.oidcScopes },
    ...{ userClaim: network.oidcUserClaim, groupsClaim: network.oidcGroupsClaim },
    changed: (trouble) =>
      trouble === undefined
        ? log.info(`the keys of the provider ${issuer} can be read again`)
        : log.warn(`the keys of the provider ${issuer} cannot be read: ${trouble}`),
  });
  provider.notReady?.();
  return provider;
}
