import * as z from "zod";
import { operator } from "../../endpoints/operator.ts";
import { parameters } from "../../mcp/parameters.ts";
import { foldEvents } from "../../nomad/cluster/events/fold.ts";
import { eventLines } from "../../nomad/cluster/events/lines.ts";
import { type EventsRead, readEvents, topics } from "../../nomad/cluster/events/read-events.ts";
import { findNode } from "../../nomad/nodes/find.ts";
import { answer } from "../../text/answer.ts";
import { ago } from "../../text/time.ts";
import { plural } from "../../text/words.ts";
import { defineTool } from "../context.ts";

export const getEvents = defineTool({
  name: "get_events",
  title: "Cluster events",
  description:
    "Tell what happened just now, and in the next seconds: jobs, allocations with their tasks, deployments, nodes. The server keeps 100 changes, which may be seconds; the answer says how far back. Use it to watch a change; get_timeline for what was before.",
  risk: "read",
  needs: ["read-job"],
  helps: ["node:read"],
  openWorld: true,
  keeps: "end",
  input: {
    topic: z.enum(topics).optional(),
    job_id: parameters.job_id.optional(),
    node: parameters.node.optional(),
    wait_seconds: z.int().min(0).max(45).default(5).describe("0: only what is in the buffer"),
    limit: parameters.limit(30, 300).describe("Lines, the newest"),
  },
  async run({ topic, job_id, node, wait_seconds, limit }, { nomad, signal, report }) {
    const found = node === undefined ? undefined : await findNode(nomad, node);
    // The stream itself does not tell the server's time, and this does at no cost.
    if (found === undefined) await nomad.bytes(operator.leader, {}, 1024);
    const read = await readEvents(nomad, {
      ...{ topic, job: job_id, node: found?.ID, seconds: wait_seconds, signal, report },
    });
    const about = [
      job_id !== undefined && ` of job ${job_id}`,
      found && ` of node ${found.Name}`,
      nomad.namespace === "*" ? " in all namespaces" : ` in namespace ${nomad.namespace}`,
    ];
    const kind = topic ?? "";
    const told = foldEvents(read.lines);
    return answer(
      headline(read, [kind, about.filter(Boolean).join("")], wait_seconds, nomad.now()),
      told.length > limit && `(the newest ${limit} of ${told.length} lines)`,
      told.length > 0 && `\n${eventLines(told.slice(-limit), nomad.now())}`,
      ...notes(read),
    );
  },
});

function headline(read: EventsRead, [kind, about]: readonly [string, string], seconds: number, now: number): string {
  const { count, fresh, reaches } = read;
  const what = plural(count, kind ? `${kind} event` : "event");
  const live = seconds > 0 ? `${fresh === 0 ? "none" : fresh} in the ${seconds}s since this call began` : "";
  if (count === 0) {
    const none = `No ${kind ? `${kind} ` : ""}events${about}${seconds > 0 ? `, nor did any come within ${seconds}s` : ""}.`;
    const back = reaches === undefined ? "" : `: now back to ${ago(reaches, now)}`;
    return `${none} The server keeps only the last 100 changes of the whole cluster${back}.`;
  }
  const back = reaches === undefined ? "" : `the server's buffer reaches back to ${ago(reaches, now)}`;
  return `${what}${about}: ${[back, live].filter(Boolean).join(", ")} (UTC)`;
}

function notes({ ended, skipped, withoutNodes }: EventsRead): (string | false)[] {
  return [
    ended === "server" && "(the server ended the stream early: call again)",
    ended === "too much" && "(stopped after 64 MiB, so newer ones are missing: name a job_id or a topic)",
    skipped > 0 && `(${plural(skipped, "entry", "entries")} could not be read: too large or cut)`,
    withoutNodes && '(without events of nodes: they need `node { policy = "read" }`)',
  ];
}
