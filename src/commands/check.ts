import { readAddress, withoutSecrets } from "../api/connect/address.ts";
import { Refusal } from "../api/errors/refusal.ts";
import { createClients } from "../clients.ts";
import { openClusters } from "../cluster.ts";
import { offer } from "../mcp/gates.ts";
import type { Needs } from "../mcp/tool.ts";
import { check, works } from "../nomad/cluster/check/check.ts";
import { checkAnswer } from "../nomad/cluster/check/check-text.ts";
import { createSecrets } from "../secrets/secrets.ts";
import type { ReadSettings } from "../settings/settings.ts";
import type { ClusterSettings, Settings } from "../settings/types.ts";
import { demoSettings, gateNames } from "../start.ts";
import { answerText } from "../text/answer.ts";
import { show } from "../text/sealed.ts";
import { renderSteps } from "../text/step.ts";
import { table } from "../text/table.ts";
import { toolsets } from "../tools/index.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";

/** `nomad-mcp check`, and with an address `nomad-mcp check URL`: where the settings came from, then a look at each cluster; 1 as exit status where one cannot be worked with. */
export const run: Command = async (read, words) => {
  const { demo: isDemo, server } = read.settings;
  const [url = isDemo ? undefined : server, ...others] = words;
  if (url !== undefined && (url === server || url.includes("://"))) {
    if (others.length > 0) throw new Error(`check takes one address, and no ${JSON.stringify(others[0])}`);
    return await (await import("./check-server.ts")).checkServer(url, read);
  }
  if (words.length > 0) throw new Error(`check takes no ${JSON.stringify(words[0])}`);
  print(whence(read));
  const demo = read.settings.demo ? await (await import("demo-cluster")).startDemoCluster() : undefined;
  const settings: Settings = demo ? demoSettings(read.settings, demo.address) : read.settings;
  const tools = [...offer(toolsets, settings, gateNames(settings.settingName)).tools.values()];
  const { clusters } = settings;
  const found = await Promise.all(clusters.map((cluster) => look(cluster, clusters.length > 1, tools, settings.demo)));
  await demo?.stop();
  for (const { text } of found) print(`\n${text}`);
  return found.every(({ ok }) => ok) ? 0 : 1;
};

/** What one cluster is like, with its secrets masked. What is wrong with it is no other one's fault. */
async function look(
  settings: ClusterSettings,
  several: boolean,
  tools: readonly Needs[],
  demo: boolean,
): Promise<{ text: string; ok: boolean }> {
  const secrets = createSecrets();
  const { name, settingName, namespace, namespaces } = settings;
  const usable = settings.readOnly ? tools.filter((tool) => isRead(tool.name)) : tools;
  try {
    const [cluster] = await openClusters([settings], demo ? { env: {} } : {});
    if ("fault" in cluster) throw cluster.fault;
    const { transport } = cluster;
    const nomad = createClients({ first: name, secrets })(cluster);
    const checked = { ...(several && { name }), nomad, transport, settingName };
    const findings = await check(checked, usable, namespaces ?? [namespace]);
    await transport.close();
    const view = { offers: () => false, namespace, cluster: undefined, address: transport.address };
    const text = renderSteps(answerText(checkAnswer(findings)), view);
    return { text: secrets.mask(show(text)), ok: works(findings) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { shown } = readAddress(settings.address);
    return { text: `${several ? `${name} (${shown})` : shown}: cannot be tried\n  ${error.message}`, ok: false };
  }
}

function isRead(name: string): boolean {
  return toolsets.some(({ tools }) => tools.some((tool) => tool.name === name && tool.risk === "read"));
}

/** Where each setting came from: all that are set, and of the defaults those that say where calls go. */
function whence({ settings, origins, file, notices }: ReadSettings): string {
  const rows = origins.map(({ cluster, setting, value, from }) => {
    const several = settings.clusters.length > 1;
    // An address may hold a user and password.
    return [
      several ? (cluster ?? "") : "",
      setting.flag,
      setting.key === "address" ? withoutSecrets(value) : value,
      from,
    ];
  });
  for (const { name, address, namespace } of settings.clusters) {
    for (const [key, value] of Object.entries({ address, namespace })) {
      if (settings.demo || origins.some(({ cluster, setting }) => cluster === name && setting.key === key)) continue;
      rows.push([settings.clusters.length > 1 ? name : "", key, value, "default"]);
    }
  }
  const told = notices.map((notice) => `note: ${notice}`);
  return [
    file === undefined ? "no settings file" : `settings file ${file.path}`,
    table(["cluster", "setting", "value", "from"], rows),
    ...told,
  ].join("\n");
}
