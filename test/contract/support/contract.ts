import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { test as base, describe, vi } from "vitest";
import { Cluster } from "./cluster.ts";

interface Target {
  readonly name: string;
  /** How long a test may take, ms. */
  readonly timeout: number;
  /** Opens a cluster for one test, and gives what ends it. */
  open(): Promise<{ nomad: Cluster; close(): Promise<void> }>;
}

const demo: Target = {
  name: "demo cluster",
  timeout: 20_000,
  async open() {
    const cluster = await startDemoCluster({ clock: virtualClock(), seed: 1, jobs: false });
    const nomad = new Cluster(cluster.address);
    const close = async () => {
      await nomad.close();
      await cluster.stop();
    };
    return { nomad, close };
  },
};

function real(address: string): Target {
  return {
    name: `real Nomad at ${address}`,
    timeout: 60_000,
    async open() {
      const nomad = new Cluster(address);
      return { nomad, close: () => nomad.close() };
    },
  };
}

const address = process.env.NOMAD_TEST_ADDR;

/** The demo cluster always, and the agent that `NOMAD_TEST_ADDR` names, which has to have the mock_driver. */
const targets: readonly Target[] = [demo, ...(address ? [real(address)] : [])];

// Most of a test on a real agent is waiting.
if (address) vi.setConfig({ maxConcurrency: 12 });

/** A test that gets a cluster: one of its own, or the real one, from which everything is purged that it registered. */
function testOn(target: Target) {
  return base.extend("target", target).extend("nomad", async ({ target }, { onCleanup }) => {
    const { nomad, close } = await target.open();
    onCleanup(close);
    return nomad;
  });
}

/**
 * What holds for every target alike. On a real one the tests run side by side, for they mostly wait; in virtual time
 * nobody waits.
 */
export function contract(about: string, define: (test: ReturnType<typeof testOn>) => void): void {
  for (const target of targets) {
    const options = { concurrent: target !== demo, timeout: target.timeout };
    describe(`${about} (${target.name})`, options, () => define(testOn(target)));
  }
}
