import { readAddress } from "../api/connect/address.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { permits } from "../api/request/permits.ts";
import { all } from "../text/words.ts";
import type { ClusterSettings } from "./types.ts";

/** @throws Refusal where the settings of a cluster cannot be meant. */
export function checkCluster({ settingName, ...cluster }: ClusterSettings): void {
  const { address, token, namespace, namespaces, clientCert, clientKey } = cluster;
  readAddress(address, settingName("address"));
  if (/[^\x20-\x7e]|\s/.test(token ?? "")) {
    throw new Refusal(
      `${settingName("token")} holds characters that no token has (a line break, a space or a letter beyond ASCII).`,
    );
  }
  if (namespace !== "*") checkName(namespace, settingName("namespace"));
  for (const name of namespaces ?? []) checkName(name, settingName("namespaces"));
  if (namespace !== "*" && !permits(namespaces, namespace)) {
    throw new Refusal(
      `${settingName("namespace")}: ${namespace} is not among ${settingName("namespaces")} (${all(namespaces ?? [])}).`,
    );
  }
  if (Boolean(clientCert) !== Boolean(clientKey)) {
    throw new Refusal(
      `${settingName("clientCert")} and ${settingName("clientKey")} belong together: set both or none.`,
    );
  }
}

/** @throws Refusal where a text cannot be the name of a namespace. */
function checkName(name: string, setting: string): void {
  if (/^[a-zA-Z0-9-]{1,128}$/.test(name)) return;
  throw new Refusal(`${setting}: ${JSON.stringify(name)} is not a namespace: letters, digits and dashes.`);
}
