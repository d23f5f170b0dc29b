import { all } from "../../../text/words.ts";
import type { AskingGroup, AskingService } from "./asking.ts";

/** A constraint that Nomad put into a group, led back to what asks for it. */
export interface Implied {
  /** What of the job file asks for it: "network mode bridge". */
  readonly asks: string;
  /** What a node needs for that: "the CNI plugins (bridge, ...)". */
  readonly needs: string;
  /** Both ways out: what to write in the file, what to do on the nodes. */
  readonly cures: readonly string[];
}

interface Row {
  /** The constraint's text. */
  readonly text: RegExp;
  /** What in general asks for it, where the job is not known. */
  readonly by: string;
  readonly needs: string | ((match: RegExpExecArray) => string);
  /** What in this group asks for it; empty where nothing does, so that the constraint is the job's own. */
  asks(group: AskingGroup, match: RegExpExecArray): string;
  cures(group: AskingGroup, match: RegExpExecArray): readonly string[];
}

const servicesOf = (group: AskingGroup): readonly AskingService[] => [
  ...(group.Services ?? []),
  ...(group.Tasks ?? []).flatMap((task) => task.Services ?? []),
];
const called = (word: string, names: readonly string[]) =>
  names.length === 0 ? "" : `${word}${names.length > 1 ? "s" : ""} ${all(names)}`;
const meshed = (group: AskingGroup) => servicesOf(group).filter(({ Connect }) => Connect);
const withTask = (group: AskingGroup, has: (task: NonNullable<AskingGroup["Tasks"]>[number]) => boolean) =>
  (group.Tasks ?? []).filter(has).map(({ Name }) => Name);

const consulCures = (group: AskingGroup) => [
  meshed(group).length > 0 ? "drop the connect block" : 'set provider = "nomad" in the service block',
  "run a Consul agent beside the Nomad clients",
];

/**
 * All constraints that Nomad itself puts into groups (nomad/job_endpoint_hooks.go, jobImpliedConstraints.Mutate, and
 * job_endpoint_hook_connect.go, _consul.go), as the metrics name them.
 */
const rows: readonly Row[] = [
  {
    text: /^\$\{attr\.consul\.(?:\S+\.)?version\} semver >= ([\d.]+)$/,
    by: 'a service with provider "consul", the default, or a connect block',
    needs: ([, version]) => `Consul ${version} or newer`,
    asks(group) {
      const mesh = meshed(group).map(({ Name }) => Name);
      if (mesh.length > 0) return `the connect block of ${called("service", mesh)}`;
      const names = servicesOf(group).filter(({ Provider }) => Provider !== "nomad");
      return names.length === 0
        ? ""
        : `${called(
            "service",
            names.map(({ Name }) => Name),
          )} (provider "consul", the default)`;
    },
    cures: consulCures,
  },
  {
    text: /^\$\{attr\.consul\.(?:\S+\.)?grpc\} > 0$/,
    by: "a connect block",
    needs: "a Consul agent with its gRPC port open",
    asks: (group) => {
      const mesh = meshed(group).map(({ Name }) => Name);
      return mesh.length === 0 ? "" : `the connect block of ${called("service", mesh)}`;
    },
    cures: () => ["drop the connect block", "set ports.grpc in the Consul agents' configuration"],
  },
  {
    text: /^\$\{attr\.consul\.(?:\S+\.)?partition\} = (.+)$/,
    by: "consul { partition }",
    needs: ([, name]) => `a Consul agent of partition ${name}`,
    asks: ({ Consul, Tasks }) =>
      [Consul, ...(Tasks ?? []).map((task) => task.Consul)].some((each) => each?.Partition)
        ? "consul { partition } in the job"
        : "",
    cures: (_, [, name]) => [
      "correct the partition in the consul block",
      `run clients with a Consul agent of partition ${name}`,
    ],
  },
  {
    text: /^\$\{attr\.vault\.(?:\S+\.)?version\} semver >= ([\d.]+)$/,
    by: "a vault block",
    needs: ([, version]) => `Vault ${version} or newer`,
    asks: (group) => {
      const names = withTask(group, ({ Vault }) => Vault != null);
      return names.length === 0 ? "" : `the vault block of ${called("task", names)}`;
    },
    cures: () => [
      "drop the vault block (Nomad variables hold secrets, too)",
      "configure Vault on the clients (vault { enabled = true, address })",
    ],
  },
  {
    text: /^\$\{attr\.plugins\.secrets\.(\S+)\.version\} is_set ?$/,
    by: "a secret block",
    needs: ([, name]) => `the secrets plugin ${name}`,
    // Nomad puts it into every group of a job one of whose tasks has such a block.
    asks: (_, [, name]) => `a secret block with provider "${name}"`,
    cures: (_, [, name]) => [
      "correct the provider of the secret block",
      `install the plugin ${name} on the clients (common_plugin_dir, secrets)`,
    ],
  },
  {
    text: /^\$\{attr\.os\.signals\} set_contains (\S+)$/,
    by: "a kill_signal or change_signal",
    needs: ([, signals]) => `the signals ${signals}`,
    asks(group, [, signals = ""]) {
      const asked = new Set(signals.split(","));
      const names = withTask(
        group,
        ({ KillSignal = "", Vault, Templates }) =>
          asked.has(KillSignal) ||
          (Vault?.ChangeMode === "signal" && asked.has(Vault.ChangeSignal)) ||
          (Templates ?? []).some(({ ChangeMode, ChangeSignal }) => ChangeMode === "signal" && asked.has(ChangeSignal)),
      );
      return names.length === 0 ? "" : `kill_signal or change_signal of ${called("task", names)}`;
    },
    cures: () => ["correct the signal's name in the task", "add a node whose system knows it"],
  },
  {
    text: /^\$\{attr\.nomad\.service_discovery\} = true$/,
    by: 'a service with provider "nomad"',
    needs: "Nomad's service discovery on the client",
    asks: (group) => nativeService(group, () => true),
    cures: () => ["register the service elsewhere", "set client { nomad_service_discovery = true }, the default"],
  },
  {
    text: /^\$\{attr\.nomad\.version\} semver >= 1\.4\.0$/,
    by: 'a check of a service with provider "nomad"',
    needs: "a Nomad client of version 1.4 or newer",
    asks: (group) => nativeService(group, ({ Checks }) => (Checks ?? []).length > 0),
    cures: () => ["drop the check", "upgrade the clients"],
  },
  {
    text: /^\$\{attr\.(?:nomad\.version\} semver >= 1\.6\.3-dev|kernel\.name\} = linux)$/,
    by: "a numa block",
    needs: "a Nomad client of version 1.7 or newer on Linux",
    asks: (group) => {
      const names = withTask(group, ({ Resources }) => Resources?.NUMA != null);
      return names.length === 0 ? "" : `the numa block of ${called("task", names)}`;
    },
    cures: () => ["drop the numa block", "add such a client"],
  },
  {
    text: /^\$\{attr\.plugins\.cni\.version\.(bridge|firewall|host-local|loopback|portmap)\} semver >= 0\.4\.0$/,
    by: "network mode bridge",
    needs: ([, name]) => `the CNI plugins (bridge, firewall, host-local, loopback, portmap; ${name} is missing)`,
    asks: ({ Networks }) => (Networks?.some(({ Mode }) => Mode === "bridge") ? "network mode bridge" : ""),
    cures: (group) => [
      "install the CNI plugins on the clients (/opt/cni/bin, or their cni_path) and restart them",
      ...(meshed(group).length > 0 ? [] : ['set mode = "host" in the network block']),
    ],
  },
  {
    text: /^\$\{attr\.plugins\.cni\.version\.consul-cni\} semver >= ([\d.]+)$/,
    by: "transparent_proxy",
    needs: ([, version]) => `the CNI plugin consul-cni ${version} or newer`,
    asks: proxied,
    cures: () => ["drop transparent_proxy and name the upstreams", "install consul-cni on the clients"],
  },
  {
    text: /^\$\{attr\.nomad\.version\} semver >= 1\.8\.0-dev$/,
    by: "transparent_proxy or a schedule block",
    needs: "a Nomad client of version 1.8 or newer",
    asks: (group) => {
      const names = withTask(group, ({ Schedule }) => Schedule != null);
      return names.length > 0 ? `the schedule block of ${called("task", names)}` : proxied(group);
    },
    cures: () => ["drop that block", "upgrade the clients"],
  },
];

function nativeService(group: AskingGroup, has: (service: AskingService) => boolean): string {
  const names = servicesOf(group).filter((service) => service.Provider === "nomad" && has(service));
  return names.length === 0
    ? ""
    : `${called(
        "service",
        names.map(({ Name }) => Name),
      )} (provider "nomad")`;
}

function proxied(group: AskingGroup): string {
  const names = servicesOf(group).filter(({ Connect }) => Connect?.SidecarService?.Proxy?.TransparentProxy);
  return names.length === 0
    ? ""
    : `transparent_proxy of ${called(
        "service",
        names.map(({ Name }) => Name),
      )}`;
}

/** The constraint of a metric as what asks for it; undefined where it is the job's own. */
export function impliedBy(text: string, group: AskingGroup | undefined): Implied | undefined {
  for (const row of rows) {
    const match = row.text.exec(text);
    const asks = match && group ? row.asks(group, match) : "";
    if (match && group && asks !== "") return { asks, needs: needsOf(row, match), cures: row.cures(group, match) };
  }
  return undefined;
}

/** The same where the job was not read: what such a constraint most likely comes from; undefined where it may be anything. */
export function impliedInGeneral(text: string): string | undefined {
  for (const row of rows) {
    const match = row.text.exec(text);
    // Of a kernel, many jobs ask themselves.
    if (match && !text.includes("kernel.name")) return `${row.by} needs ${needsOf(row, match)}`;
  }
  return undefined;
}

const needsOf = ({ needs }: Row, match: RegExpExecArray) => (typeof needs === "string" ? needs : needs(match));
