import { Refusal } from "../api/errors/refusal.ts";
import type { Settings } from "../settings/types.ts";
import { readServerAddress } from "../transports/remote/address.ts";
import type { Reach } from "../transports/remote/way.ts";

/** What a server is shown, and what the operator calls it. */
interface Shown extends Pick<Reach, "key" | "keyFile"> {
  readonly names: Pick<Reach["names"], "key" | "keyFile">;
}

/** How the settings reach the server at an address of the command line. @throws Refusal where one of them cannot be used. */
export function reach(url: string, settings: Settings, env: Reach["env"]): Reach {
  const { settingName, serverCa, serverClientCert, serverClientKey } = settings;
  const shown = settings.sendToken === true ? ownToken(settings) : keyOf(settings);
  const allowHttp = { name: settingName("allowHttp"), set: settings.allowHttp === true };
  return {
    address: readServerAddress(url, allowHttp),
    ...{ key: shown.key, keyFile: shown.keyFile, isNomadToken: settings.sendToken === true },
    ca: serverCa,
    clientCert: serverClientCert,
    clientKey: serverClientKey,
    names: {
      ...shown.names,
      ca: settingName("serverCa"),
      clientCert: settingName("serverClientCert"),
      clientKey: settingName("serverClientKey"),
    },
    env,
  };
}

/** The key for the server. */
function keyOf({ accessKey: key, accessKeyFile: keyFile, settingName }: Settings): Shown {
  const names = { key: settingName("accessKey"), keyFile: settingName("accessKeyFile") };
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new Refusal(
      `${names.key} holds characters that no key has (a line break, a space or a letter beyond ASCII).`,
    );
  }
  return { key, keyFile, names };
}

/** The Nomad token of the settings, which is shown to a server only where that is said. */
function ownToken({ clusters: [first], accessKey, accessKeyFile, settingName }: Settings): Shown {
  const { token: key, tokenFile: keyFile } = first;
  const names = { key: first.settingName("token"), keyFile: first.settingName("tokenFile") };
  const asked = settingName("sendToken");
  if (accessKey !== undefined || accessKeyFile !== undefined) {
    const other = settingName(accessKey === undefined ? "accessKeyFile" : "accessKey");
    throw new Refusal(
      `${other} and ${asked} exclude each other: a server is shown one of them, so take the other out.`,
    );
  }
  if (key === undefined && keyFile === undefined) {
    throw new Refusal(
      `${asked} has the server shown a Nomad token, and none is set: set ${names.key} or ${names.keyFile}.`,
    );
  }
  return { key, keyFile, names };
}
