import { goTime } from "../gotime.ts";
import type { Driver, Node } from "../state/node-types.ts";
import type { Store } from "../state/store.ts";

interface Plan {
  name: string;
  datacenter: string;
  ip: string;
  docker: boolean;
}

const PLANS: readonly Plan[] = [
  { name: "client-1", datacenter: "dc1", ip: "10.0.1.11", docker: true },
  { name: "client-2", datacenter: "dc1", ip: "10.0.1.12", docker: true },
  { name: "client-3", datacenter: "dc2", ip: "10.0.2.11", docker: false },
];

/** The version that the demo says it is. */
export const VERSION = "2.0.5";

function driver(name: string, update: string | null, problem?: string): Driver {
  const there = problem === undefined;
  return {
    Attributes: there ? { [`driver.${name}`]: "true" } : {},
    Detected: there,
    Healthy: there,
    HealthDescription: there ? "Healthy" : problem,
    UpdateTime: update,
  };
}

/** Where docker is not, nobody has installed them. */
const cniPlugins = Object.fromEntries(
  ["bridge", "firewall", "host-local", "loopback", "portmap"].map((name) => [`plugins.cni.version.${name}`, "v1.7.1"]),
);

function attributes({ name, ip, docker }: Plan): Record<string, string> {
  return {
    "kernel.name": "linux",
    "kernel.arch": "x86_64",
    "kernel.version": "6.12.41",
    "os.name": "debian",
    "os.version": "12.11",
    "os.signals": "SIGHUP,SIGINT,SIGKILL,SIGQUIT,SIGTERM,SIGUSR1,SIGUSR2",
    "cpu.arch": "amd64",
    "cpu.modelname": "AMD EPYC 7003",
    "cpu.numcores": "2",
    "cpu.reservablecores": "2",
    "cpu.frequency": "2000",
    "cpu.totalcompute": "4000",
    "cpu.usablecompute": "4000",
    "memory.totalbytes": String(8192 * 1024 * 1024),
    "nomad.version": VERSION,
    "nomad.service_discovery": "true",
    "plugins.host_volume.mkdir.version": "0.0.1",
    "driver.mock_driver": "1",
    "driver.raw_exec": "1",
    ...(docker ? { "driver.docker": "1", "driver.docker.version": "28.3.2" } : {}),
    ...(docker ? cniPlugins : {}),
    "unique.hostname": name,
    "unique.network.ip-address": ip,
    "unique.advertise.address": `${ip}:4646`,
    "unique.storage.volume": "/dev/vda1",
    "unique.storage.bytestotal": "107374182400",
  };
}

function describe(store: Store, plan: Plan): Node {
  const update = goTime(store.stamp());
  const key = store.chance.uuid();
  return {
    ID: store.chance.uuid(),
    SecretID: "",
    Name: plan.name,
    Datacenter: plan.datacenter,
    NodePool: "default",
    NodeClass: "",
    ComputedClass: `v1:${plan.docker ? "9281347620193847" : "4410298375610293"}`,
    HTTPAddr: `${plan.ip}:4646`,
    TLSEnabled: false,
    Attributes: attributes(plan),
    Meta: { rack: plan.datacenter === "dc1" ? "r1" : "r2" },
    Links: {},
    Drivers: {
      mock_driver: driver("mock_driver", update),
      raw_exec: driver("raw_exec", update),
      docker: driver("docker", update, plan.docker ? undefined : "Failed to connect to docker daemon"),
      exec: driver("exec", update, "Driver must run as root"),
      java: driver("java", update, "Driver must run as root"),
      qemu: driver("qemu", update, ""),
    },
    NodeResources: {
      Cpu: { CpuShares: 4000, ReservableCpuCores: [0, 1], TotalCpuCores: 2 },
      Memory: { MemoryMB: 8192 },
      Disk: { DiskMB: 96000 },
      Devices: null,
      MinDynamicPort: 20000,
      MaxDynamicPort: 32000,
      Networks: [{ Mode: "bridge" }, { CIDR: `${plan.ip}/32`, Device: "eth0", IP: plan.ip, MBits: 1000, Mode: "host" }],
      NodeNetworks: [
        { Addresses: null, Device: "", MacAddress: "", Mode: "bridge", Speed: 0 },
        {
          Addresses: [{ Address: plan.ip, Alias: "default", Family: "ipv4", Gateway: "", ReservedPorts: "" }],
          Device: "eth0",
          MacAddress: "",
          Mode: "host",
          Speed: 1000,
        },
      ],
      Processors: {
        Topology: {
          Cores: [0, 1].map((ID) => ({
            BaseSpeed: 2000,
            Disable: false,
            Grade: true,
            GuessSpeed: 0,
            ID,
            MaxSpeed: 0,
            NodeID: 0,
            SocketID: 0,
          })),
          Distances: null,
          Nodes: [0],
          OverrideTotalCompute: 4000,
          OverrideWitholdCompute: 0,
        },
      },
    },
    ReservedResources: {
      Cpu: { CpuShares: 0, ReservedCpuCores: null },
      Disk: { DiskMB: 0 },
      Memory: { MemoryMB: 0 },
      Networks: { ReservedHostPorts: "" },
    },
    CSIControllerPlugins: {},
    CSINodePlugins: {},
    CgroupParent: "nomad.slice",
    HostNetworks: null,
    HostVolumes: {},
    GCVolumesOnNodeGC: false,
    IdentitySigningKeyID: key,
    NodeMaxAllocs: 0,
    LastAllocUpdateIndex: 0,
    LastMissedHeartbeatIndex: 0,
    Drain: false,
    DrainStrategy: null,
    LastDrain: null,
    SchedulingEligibility: "eligible",
    Status: "ready",
    StatusDescription: "",
    StatusUpdatedAt: Math.floor(store.clock.now() / 1000),
    Events: [nodeEvent(store, "Cluster", "Node registered")],
    CreateIndex: 0,
    ModifyIndex: 0,
  };
}

/** One line of a node's history. */
export function nodeEvent(store: Store, subsystem: string, message: string): Record<string, unknown> {
  return { CreateIndex: 0, Details: null, Message: message, Subsystem: subsystem, Timestamp: goTime(store.stamp()) };
}

/** The three nodes that the demo consists of. */
export function addNodes(store: Store): void {
  for (const plan of PLANS) store.write((put) => put.node(describe(store, plan)));
}
