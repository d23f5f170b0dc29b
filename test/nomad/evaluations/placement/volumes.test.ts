import { expect, test } from "vitest";
import type { NodeStub } from "../../../../src/endpoints/nodes.ts";
import type { HostVolume } from "../../../../src/endpoints/volumes.ts";
import type { AskingVolume } from "../../../../src/nomad/evaluations/placement/asking.ts";
import { unfitVolumes } from "../../../../src/nomad/evaluations/placement/volumes.ts";
import { first } from "../../../support/edit.ts";
import { recorded } from "../../../support/recorded.ts";

const node = first(recorded<NodeStub[]>("lists/nodes.json").body);
const id = "ef94ad99-9c4d-2d86-1162-68dd462698e8";
const capability = { AttachmentMode: "file-system", AccessMode: "single-node-writer" };
const made: HostVolume = {
  ...{ ID: id, Name: "data", Namespace: "default", NodeID: node.ID, State: "ready" },
  ...{ PluginID: "mkdir", HostPath: "/opt/nomad/data/host_volumes/data", ModifyIndex: 7 },
  RequestedCapabilities: [capability],
};
const job = { ID: "db", Namespace: "default", Datacenters: ["*"], TaskGroups: [] };

interface There {
  /** What the node has of the name; nothing where it is not said. */
  readonly here?: { readonly ID?: string; readonly ReadOnly: boolean };
  /** What is told of the volume; undefined: it is none of the job's namespace. */
  readonly volume?: Partial<HostVolume> | undefined;
}

/** What is said of a volume that is asked for so, where it is there so. */
function said(asked: Partial<AskingVolume>, { here, volume }: There): string | undefined {
  const request = { Type: "host", Source: "data", ReadOnly: false, ...asked };
  const group = { Name: "db", Tasks: [], Volumes: { data: request } };
  const seen = {
    ...{ nodes: [{ ...node, Name: "n1", HostVolumes: here ? { data: here } : {} }], complete: true, now: 0, whole: [] },
    bringBack: () => "",
    createVolume: (_: unknown, otherwise: string) => otherwise,
    listVolumes: () => "",
    volumes: new Map([[id, volume && { ...made, ...volume }]]),
  };
  return unfitVolumes(job, group, seen)?.sentence;
}

const fixed = { here: { ReadOnly: false } };
const dynamic = { here: { ID: id, ReadOnly: false } };

test.each<[string, Partial<AskingVolume>, There, RegExp]>([
  ["no node has it", {}, {}, /^no node has a host volume data$/],
  ["a static one is never sticky", { Sticky: true }, fixed, /client's configuration, and sticky needs a dynamic one/],
  ["a static one may be read-only", {}, { here: { ReadOnly: true } }, /is read-only in the client's configuration/],
  ["of another namespace", {}, dynamic, /is not for namespace default$/],
  ["not ready", {}, { ...dynamic, volume: { State: "unavailable" } }, /\(on n1\) is unavailable$/],
  [
    "made for another access",
    { AccessMode: "single-node-multi-writer" },
    { ...dynamic, volume: {} },
    /created for single-node-writer, and the job asks for single-node-multi-writer$/,
  ],
  [
    "by default, what is read-only asks for a reader's",
    { ReadOnly: true },
    { ...dynamic, volume: {} },
    /the job asks for single-node-reader-only, by default$/,
  ],
  [
    "made for another attachment",
    { AttachmentMode: "block-device" },
    { ...dynamic, volume: {} },
    /created for file-system, and the job asks for block-device$/,
  ],
  [
    "a writer's access that is read-only",
    { AccessMode: "single-node-writer", ReadOnly: true },
    { ...dynamic, volume: {} },
    /asked for as single-node-writer, which does not fit read_only/,
  ],
  [
    "claimed",
    { AccessMode: "single-node-single-writer" },
    {
      ...dynamic,
      volume: {
        RequestedCapabilities: [{ ...capability, AccessMode: "single-node-single-writer" }],
        Allocations: [{ ID: "1", JobID: "other", Namespace: "default", TaskGroup: "x" }],
      },
    },
    /one writer at a time, and other has claimed it$/,
  ],
  ["sticky to another one", { Sticky: true }, { ...dynamic, volume: {} }, /not the one that the group has claimed/],
  ["it is well, and its node is not", {}, { ...dynamic, volume: {} }, /^host volume data is only on n1$/],
])("%s", (_, asked, there, told) => {
  expect(said(asked, there)).toMatch(told);
});
