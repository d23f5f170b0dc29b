// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad writes its attributes so
import { describe, expect, test } from "vitest";
import type { AskingGroup } from "../../../../src/nomad/evaluations/placement/asking.ts";
import { impliedBy, impliedInGeneral } from "../../../../src/nomad/evaluations/placement/implied.ts";

const task = { Name: "app", Driver: "docker", Resources: null };
const group = (more: Partial<AskingGroup> = {}): AskingGroup => ({ Name: "web", Tasks: [task], ...more });
const withTask = (more: object) => group({ Tasks: [{ ...task, ...more }] });
const sidecar = { Name: "api", Provider: "consul", Connect: { SidecarService: { Proxy: { TransparentProxy: {} } } } };

/** What Nomad puts in (nomad/job_endpoint_hooks.go and its neighbours), for what, and what is said of it. */
const cases: readonly [text: string, asking: AskingGroup, asks: RegExp, cures: RegExp][] = [
  [
    "${attr.consul.version} semver >= 1.8.0",
    group({ Services: [{ Name: "api", Provider: "consul" }] }),
    /^service api \(provider "consul", the default\)$/,
    /provider = "nomad".*Consul agent/,
  ],
  [
    "${attr.consul.east.version} semver >= 1.8.0",
    withTask({ Services: [{ Name: "api", Provider: "" }] }),
    /^service api/,
    /provider = "nomad"/,
  ],
  [
    "${attr.consul.version} semver >= 1.8.0",
    group({ Services: [sidecar] }),
    /^the connect block of service api$/,
    /drop the connect block/,
  ],
  ["${attr.consul.grpc} > 0", group({ Services: [sidecar] }), /connect block of service api/, /ports\.grpc/],
  ["${attr.consul.partition} = blue", group({ Consul: { Partition: "blue" } }), /partition/, /partition blue/],
  [
    "${attr.vault.version} semver >= 0.6.1",
    withTask({ Vault: { ChangeMode: "restart", ChangeSignal: "" } }),
    /^the vault block of task app$/,
    /drop the vault block.*configure Vault/,
  ],
  ["${attr.plugins.secrets.gcp.version} is_set ", group(), /provider "gcp"/, /install the plugin gcp/],
  [
    "${attr.os.signals} set_contains SIGUSR1",
    withTask({ Templates: [{ ChangeMode: "signal", ChangeSignal: "SIGUSR1" }] }),
    /kill_signal or change_signal of task app/,
    /correct the signal/,
  ],
  ["${attr.os.signals} set_contains SIGX", withTask({ KillSignal: "SIGX" }), /of task app/, /correct the signal/],
  [
    "${attr.nomad.service_discovery} = true",
    group({ Services: [{ Name: "api", Provider: "nomad" }] }),
    /^service api \(provider "nomad"\)$/,
    /nomad_service_discovery/,
  ],
  [
    "${attr.nomad.version} semver >= 1.4.0",
    group({ Services: [{ Name: "api", Provider: "nomad", Checks: [{}] }] }),
    /^service api/,
    /upgrade the clients/,
  ],
  [
    "${attr.nomad.version} semver >= 1.6.3-dev",
    withTask({ Resources: { CPU: 1, MemoryMB: 1, NUMA: { Affinity: "require" } } }),
    /numa block of task app/,
    /drop the numa block/,
  ],
  [
    "${attr.plugins.cni.version.portmap} semver >= 0.4.0",
    group({ Networks: [{ Mode: "bridge" }] }),
    /^network mode bridge$/,
    /install the CNI plugins.*mode = "host"/,
  ],
  [
    "${attr.plugins.cni.version.consul-cni} semver >= 1.4.2",
    group({ Services: [sidecar] }),
    /^transparent_proxy of service api$/,
    /install consul-cni/,
  ],
  ["${attr.nomad.version} semver >= 1.8.0-dev", withTask({ Schedule: {} }), /schedule block of task app/, /upgrade/],
];

describe("constraints that Nomad put in are led back to what asks for them", () => {
  test.each(cases)("%s", (text, asking, asks, cures) => {
    const found = impliedBy(text, asking);
    expect(found?.asks).toMatch(asks);
    expect(found?.cures.join(", or ")).toMatch(cures);
    expect(impliedInGeneral(text)).toMatch(/ needs /);
  });

  test.each([
    ["${attr.kernel.name} = linux"],
    ["${attr.nomad.version} semver >= 1.4.0"],
    ["${attr.vault.version} semver >= 0.6.1"],
    ["${attr.vault.version} semver >= 2"],
    ["${attr.plugins.cni.version.bridge} semver >= 1.0.0"],
    ["${meta.rack} = r1"],
  ])("%s of a group that asks for nothing of the kind is its own", (text) => {
    expect(impliedBy(text, group())).toBeUndefined();
  });

  test("what a kernel must be, jobs say themselves", () => {
    expect(impliedInGeneral("${attr.kernel.name} = linux")).toBeUndefined();
  });
});
