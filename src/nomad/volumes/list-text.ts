import { explain } from "../../api/errors/explain.ts";
import type { VolumeStub } from "../../endpoints/volumes.ts";
import type { Answer } from "../../text/answer.ts";
import { gather } from "../../text/gather.ts";
import { table } from "../../text/table.ts";
import { all, bytes, firstLine, plural, short, some } from "../../text/words.ts";
import { showStep } from "../shared/next-step.ts";
import { given } from "../shared/parts.ts";
import { cursorText, type ListedVolumes, type StaticVolume } from "./list.ts";
import { volumeState } from "./words.ts";

interface Row {
  readonly name: string;
  readonly id: string;
  readonly namespace: string;
  readonly type: string;
  readonly node: string;
  readonly state: string;
  readonly available: boolean;
  readonly size: string;
  readonly users: string;
}

const mostNamed = 3;

/** Which volumes there are, where, in which state, and who uses them; those first that no job can have. */
export function volumesAnswer(found: ListedVolumes): Answer {
  const host = (found.host && given(found.host)?.items) ?? [];
  const csi = (found.csi && given(found.csi)?.items) ?? [];
  const listed = [...host.map((row) => hostRow(row, found)), ...csi.map(csiRow), ...found.static.map(staticRow)];
  const rows = listed.toSorted((one, other) => Number(one.available) - Number(other.available));
  const ill = rows.filter(({ available }) => !available);
  const down = host.flatMap(({ NodeID }) => {
    const node = found.nodes?.get(NodeID ?? "");
    return node !== undefined && node.Status !== "ready" ? [node.Name] : [];
  });
  return {
    headline: headline(found, ill),
    sections: [
      rows.length > 0 && `\n${listing(rows, found.nomad.namespace === "*")}`,
      ...notes(found, rows.length > 0),
    ],
    next: [
      ...[...new Set(down)].slice(0, 1).map((name) => `${showStep(found.nomad, "node", name)} says why it is away`),
      ...cursors(found).map((cursor) => `cursor=${cursor}`),
    ],
    data: {
      volumes: rows.map(({ id, size: _, users: _users, ...row }) => ({ ...row, ...(id !== "" && { id }) })),
      cursors: cursors(found),
    },
  };
}

function headline({ nomad, prefix, on, host, csi, ...found }: ListedVolumes, ill: readonly Row[]): string {
  const where = nomad.namespace === "*" ? "all namespaces" : `namespace ${nomad.namespace}`;
  const count = (part: ListedVolumes["host"], what: string) => {
    const page = part && given(part);
    if (page === undefined || page.items.length === 0) return [];
    return [`${page.next === undefined ? "" : "more than "}${plural(page.items.length, what)}`];
  };
  const counts = [...count(host, "dynamic host volume"), ...count(csi, "CSI volume")];
  const fixed = found.static.length === 0 ? [] : [plural(found.static.length, "static host volume")];
  const narrowed = [prefix && `that begins with ${prefix}`, on && `on ${on.Name}`].filter(Boolean).join(" ");
  if (counts.length + fixed.length === 0) return `No volume${narrowed && ` ${narrowed}`} in ${where}`;
  const which = [counts.length > 0 && `${all(counts)} in ${where}`, ...fixed].filter((each) => each !== false);
  const named = ill.map(({ name, node }) => (node === "" ? name : `${name} on ${node}`));
  const away = ill.length > 0 ? `; not to be had: ${some(named, mostNamed)}` : "";
  return `${which.join("; ")}${on ? ` (on ${on.Name})` : ""}${away}`;
}

function hostRow(volume: VolumeStub, { users, claims, nodes }: ListedVolumes): Row {
  const node = nodes === undefined ? null : nodes.get(volume.NodeID ?? "");
  const { text, available } = volumeState(volume, node);
  return {
    ...{ name: volume.Name, id: short(volume.ID), namespace: volume.Namespace, state: text, available },
    type: volume.PluginID === "" ? "host, registered" : `host, ${volume.PluginID}`,
    node: node?.Name ?? short(volume.NodeID ?? ""),
    size: volume.CapacityBytes ? bytes(volume.CapacityBytes) : "",
    users: usersText(volume, users.get(volume.ID), claims),
  };
}

/** "web (2 allocations), claimed by db" */
function usersText(
  volume: VolumeStub,
  whole: ReturnType<ListedVolumes["users"]["get"]>,
  claims: ListedVolumes["claims"],
) {
  const jobs = gather(whole?.Allocations ?? [], ({ JobID }) => JobID);
  const used = [...jobs].map(([job, of]) => `${job} (${plural(of.length, "allocation")})`);
  const held = (claims ?? []).filter(({ VolumeID, JobID }) => VolumeID === volume.ID && !jobs.has(JobID));
  const holders = [...new Set(held.map(({ JobID }) => JobID))];
  const texts = [
    used.length > 0 && some(used, mostNamed),
    holders.length > 0 && `claimed by ${some(holders, mostNamed)}`,
  ].filter((each) => each !== false);
  return whole === undefined ? ["?", ...texts].join(", ") : texts.join(", ") || "nobody";
}

function csiRow({ ID, Namespace, PluginID, Schedulable = false, ...volume }: VolumeStub): Row {
  const { CurrentReaders: readers = 0, CurrentWriters: writers = 0 } = volume;
  const { NodesHealthy: healthy = 0, NodesExpected: expected = 0 } = volume;
  const plugin = healthy < expected ? `, plugin healthy on ${healthy} of ${plural(expected, "node")}` : "";
  const users = [writers > 0 && plural(writers, "writer"), readers > 0 && plural(readers, "reader")];
  return {
    ...{ name: ID, id: "", namespace: Namespace, type: `CSI, ${PluginID}`, node: "", size: "" },
    state: `${Schedulable ? "schedulable" : "not schedulable"}${plugin}`,
    available: Schedulable,
    users: users.filter((each) => each !== false).join(", ") || "nobody",
  };
}

function staticRow({ name, readOnly, nodes }: StaticVolume): Row {
  const down = nodes.filter(({ Status }) => Status !== "ready");
  return {
    ...{ name, id: "", namespace: "", type: "host, static", size: "", users: "not told by Nomad" },
    node: some(
      nodes.map(({ Name, Status }) => (Status === "ready" ? Name : `${Name} (${Status})`)),
      mostNamed,
    ),
    state: readOnly ? "read-only" : "writable",
    available: down.length < nodes.length,
  };
}

function listing(rows: readonly Row[], everywhere: boolean): string {
  const cells = rows.map((row) => [
    row.name,
    row.id,
    everywhere ? row.namespace : "",
    row.type,
    row.node,
    row.state,
    row.size,
    row.users,
  ]);
  return table(["volume", "id", "namespace", "type", "node", "state", "size", "used by"], cells);
}

function notes({ host, csi, nodes, moreNodes }: ListedVolumes, apart: boolean): string[] {
  const failed = (part: ListedVolumes["host"], what: string) =>
    part !== undefined && "failed" in part && `${what} could not be read: ${firstLine(explain(part.failed))}`;
  const told = [
    failed(host, "Dynamic host volumes"),
    failed(csi, "CSI volumes"),
    nodes === undefined &&
      "How their nodes are is not known, nor which static ones there are (the token needs node:read).",
    moreNodes && "More nodes have host volumes than were looked at: node= shows the static ones of one.",
  ].filter((each) => each !== false);
  return told.map((line, index) => (index === 0 && apart ? `\n${line}` : line));
}

function cursors({ host, csi }: ListedVolumes): string[] {
  const [more, further] = [host && given(host)?.next, csi && given(csi)?.next];
  return [
    ...(more === undefined ? [] : [cursorText("host", more)]),
    ...(further === undefined ? [] : [cursorText("csi", further)]),
  ];
}
