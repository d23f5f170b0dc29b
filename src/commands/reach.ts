import { Refusal } from "../api/errors/refusal.ts";
import type { Settings } from "../settings/types.ts";
import { readServerAddress } from "../transports/remote/address.ts";
import type { Reach } from "../transports/remote/way.ts";

/** How the settings reach the server at an address of the command line. @throws Refusal where one of them cannot be used. */
export function reach(url: string, settings: Settings, env: Reach["env"]): Reach {
  const { settingName, accessKey, accessKeyFile, serverCa, serverClientCert, serverClientKey } = settings;
  if (accessKey !== undefined && !/^[\x21-\x7e]+$/.test(accessKey)) {
    throw new Refusal(
      `${settingName("accessKey")} holds characters that no key has (a line break, a space or a letter beyond ASCII).`,
    );
  }
  const allowHttp = { name: settingName("allowHttp"), set: settings.allowHttp === true };
  return {
    address: readServerAddress(url, allowHttp),
    key: accessKey,
    keyFile: accessKeyFile,
    ca: serverCa,
    clientCert: serverClientCert,
    clientKey: serverClientKey,
    names: {
      key: settingName("accessKey"),
      keyFile: settingName("accessKeyFile"),
      ca: settingName("serverCa"),
      clientCert: settingName("serverClientCert"),
      clientKey: settingName("serverClientKey"),
    },
    env,
  };
}
