import * as z from "zod";
import { operator } from "../../endpoints/operator.ts";
import { parameters } from "../../mcp/parameters.ts";
import { findNode } from "../../nomad/find-node.ts";
import { type EventsRead, readEvents, topics } from "../../nomad/stream/read-events.ts";
import type { Told } from "../../nomad/stream/tell.ts";
import { ago, iso } from "../../text/time.ts";
import { lines, plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const getEvents = defineTool({
  name: "get_events",
  title: "Cluster events",
  description:
    "Tell what happened just now, from the server's event buffer, and what happens in the next seconds: jobs, allocations with their tasks, deployments, nodes. Use it to watch a change, or to see what came before a failure.",
  risk: "read",
  needs: ["read-job"],
  openWorld: true,
  keeps: "end",
  input: {
    topic: z.enum(topics).optional(),
    job_id: parameters.job_id.optional(),
    node: z.string().max(256).optional().describe("Name or id"),
    wait_seconds: z.int().min(0).max(45).default(5).describe("0: only what is in the buffer"),
    limit: parameters.limit(30, 300).describe("Lines, the newest"),
  },
  async run({ topic, job_id, node, wait_seconds, limit }, { nomad, signal, report }) {
    const found = node === undefined ? undefined : await findNode(nomad, node);
    // The stream itself does not tell the server's time, and this does at no cost.
    if (found === undefined) await nomad.bytes(operator.leader, {}, 1024);
    const read = await readEvents(nomad, {
      ...{ topic, job: job_id, node: found?.ID, seconds: wait_seconds, limit, signal, report },
    });
    const about = [
      job_id !== undefined && ` of job ${job_id}`,
      found && ` of node ${found.Name}`,
      nomad.namespace === "*" ? " in all namespaces" : ` in namespace ${nomad.namespace}`,
    ];
    const kind = topic ?? "";
    return lines(
      headline(read, [kind, about.filter(Boolean).join("")], wait_seconds, nomad.now()),
      read.count > read.lines.length && `(the newest ${read.lines.length} of ${read.count})`,
      read.lines.length > 0 && `\n${listed(read.lines, nomad.now())}`,
      ...notes(read),
    );
  },
});

function headline(read: EventsRead, [kind, about]: readonly [string, string], seconds: number, now: number): string {
  const { count, fresh, oldest } = read;
  const what = plural(count, kind ? `${kind} event` : "event");
  const live = seconds > 0 ? `${fresh === 0 ? "none" : fresh} in the ${seconds}s since this call began` : "";
  if (count === 0) {
    const none = `No ${kind ? `${kind} ` : ""}events${about}${seconds > 0 ? `, nor did any come within ${seconds}s` : ""}.`;
    return `${none} The server keeps only the last 100 changes of the whole cluster.`;
  }
  const back = oldest === undefined ? "" : `the oldest that the server still holds from ${ago(oldest, now)}`;
  return `${what}${about}: ${[back, live].filter(Boolean).join(", ")} (UTC)`;
}

/** The day stands there only where it is not today's. */
function listed(told: readonly Told[], now: number): string {
  const today = iso(now).slice(0, 10);
  const rows = told.map(({ at, text }) => {
    if (at === undefined) return `         ${text}`;
    const [day = "", time = ""] = iso(at).split("T");
    return `${day === today ? "" : `${day} `}${time.slice(0, 8)} ${text}`;
  });
  return rows.join("\n");
}

function notes({ ended, skipped, withoutNodes }: EventsRead): (string | false)[] {
  return [
    ended === "server" && "(the server ended the stream early: call again)",
    ended === "too much" && "(stopped after 64 MiB, so newer ones are missing: name a job_id or a topic)",
    skipped > 0 && `(${plural(skipped, "entry", "entries")} could not be read: too large or cut)`,
    withoutNodes && '(without events of nodes: they need `node { policy = "read" }`)',
  ];
}
