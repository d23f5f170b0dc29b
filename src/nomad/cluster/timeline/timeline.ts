import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { fromNanoseconds, iso } from "../../../text/time.ts";
import { all, grouped, plural } from "../../../text/words.ts";
import { toolCall, toolOrCommand } from "../../shared/next-step.ts";
import { given, type Part } from "../../shared/parts.ts";
import { type Folded, fold } from "../events/fold.ts";
import { clockText, eventLines } from "../events/lines.ts";
import { why } from "../problems/limits.ts";
import type { Rows } from "../problems/look.ts";
import { type Entry, entriesOf } from "./entries.ts";
import type { LookBack, Whose } from "./look-back.ts";

/** Nomad deletes what has ended after about so long (eval_gc_threshold, deployment_gc_threshold), ms. */
const keptFor = 3_600_000;

/** What happened in a time, oldest first; `limit`: so many lines, the newest. */
export function timelineAnswer(nomad: NomadClient, look: LookBack, whose: Whose, limit: number): Answer {
  const now = nomad.now();
  const entries = entriesOf(look, nomad.namespace === "*", now).toSorted((one, other) => one.at - other.at);
  const told = fold(entries, ({ text }) => text, 2);
  const shown = told.slice(-limit);
  const [oldest] = shown;
  const worst = mostOften(entries);
  return {
    headline: headline(look, whose, entries, nomad),
    sections: [
      shown.length > 0 && `\n${eventLines(shown, now)}`,
      ...apart([
        told.length > limit && `The newest ${limit} of ${grouped(told.length)} lines.`,
        told.some(({ since, times }) => times > 1 && since !== undefined && since < look.from) && uncertain(look, now),
        ...notes(look, now),
      ]),
    ],
    next: [
      ...(worst?.job
        ? [
            toolOrCommand(
              nomad.in(worst.job.namespace),
              ["diagnose_job", { job_id: worst.job.id }],
              ["job status", worst.job.id],
            ),
          ]
        : []),
      ...(told.length > limit && oldest?.at !== undefined
        ? [
            `${toolCall(nomad, "get_timeline", { since: iso(look.from), until: iso(oldest.at), ...argumentsOf(whose) })} for what was before`,
          ]
        : []),
    ],
    data: {
      from: iso(look.from),
      until: iso(look.to),
      events: shown.map(({ at, since, times, text }) => ({
        at: at === undefined ? undefined : iso(at),
        ...(times > 1 && { since: since === undefined ? undefined : iso(since), times }),
        text,
      })),
    },
  };
}

/** Behind the lines, with one between. */
function apart(found: readonly (string | false)[]): string[] {
  return found
    .filter((each) => each !== false && each !== "")
    .map((each, index) => (index === 0 ? `\n${each}` : `${each}`));
}

function uncertain({ from }: LookBack, now: number): string {
  return `Counts since before ${clockText(from, now)} are not of this time alone: of what restarts in place Nomad keeps only the last times.`;
}

const argumentsOf = ({ job, node }: Whose) => ({
  ...(job !== undefined && { job_id: job }),
  ...(node !== undefined && { node: node.Name }),
});

/** The failure that happened most often, all that say the same together; where nothing failed, what had no place. */
function mostOften(entries: readonly Entry[]): (Folded & Pick<Entry, "job">) | undefined {
  const ofKind = (wanted: Entry["kind"]) => entries.filter(({ kind }) => kind === wanted);
  const failed = ofKind("failure");
  const failures = fold(failed.length > 0 ? failed : ofKind("lack"), ({ text }) => text, 1);
  const [most] = failures.toSorted((one, other) => other.times - one.times);
  return most && { ...most, job: entries.find(({ text }) => text === most.text)?.job };
}

function headline(look: LookBack, { job, node }: Whose, entries: readonly Entry[], nomad: NomadClient): string {
  const now = nomad.now();
  const about = [
    job !== undefined && ` of job ${job}`,
    node !== undefined && ` of node ${node.Name}`,
    nomad.namespace === "*" ? " in all namespaces" : ` in namespace ${nomad.namespace}`,
  ];
  const when = `from ${clockText(look.from, now)} to ${clockText(look.to, now)} UTC${about.filter(Boolean).join("")}`;
  const elsewhere = nomad.namespace === "*" ? "" : "; namespace=* looks at all of them";
  if (entries.length === 0) return `Nothing is known to have happened ${when}${elsewhere}`;
  const counted = (isNode: boolean) =>
    new Set(entries.filter(({ about }) => about.startsWith("node ") === isNode).map(({ about }) => about)).size;
  const whom = [
    ...(counted(false) > 0 ? [plural(counted(false), "job")] : []),
    ...(counted(true) > 0 ? [plural(counted(true), "node")] : []),
  ];
  const worst = mostOften(entries);
  const times = (count: number, since: number) =>
    count < 2 ? "" : `, ${grouped(count)} times${since < look.from ? ` since ${clockText(since, now)}` : ""}`;
  const often = worst === undefined ? "nothing failed" : `${worst.text}${times(worst.times, worst.since ?? look.from)}`;
  return `What happened ${when} (${all(whom)}): ${often}`;
}

/** What the answer leaves out, and what nobody keeps. */
function notes(look: LookBack, now: number): string[] {
  const cut = (one: Part<Rows<unknown>>, what: string) =>
    given(one)?.complete === false ? [`more than ${grouped(given(one)?.items.length ?? 0)} ${what}`] : [];
  const missing = (one: Part<Rows<unknown>>, what: string, needs: string) =>
    "failed" in one ? [`${what} (${why(one.failed, needs)})`] : [];
  const { evaluations } = look;
  const reached =
    given(evaluations)?.complete === false ? fromNanoseconds(given(evaluations)?.items.at(-1)?.CreateTime) : undefined;
  const others = given(look.allocations)?.others ?? [];
  const restless = others.filter(({ ClientStatus }) => ClientStatus !== "failed").length;
  const left = [
    ...(reached === undefined ? [] : [`what was submitted, stopped or scaled before ${clockText(reached, now)}`]),
    ...cut(look.allocations, "allocations that had trouble"),
    ...(restless > 0 ? [`what happened to ${plural(restless, "allocation")} that had trouble and did not fail`] : []),
    ...cut(look.nodes, "nodes that are away or changed"),
  ];
  const unseen = [
    ...missing(look.evaluations, "what was submitted, stopped and scaled", "read-job"),
    ...missing(look.deployments, "deployments", "read-job"),
    ...missing(look.allocations, "allocations", "read-job"),
    ...missing(look.nodes, "nodes", 'node { policy = "read" }'),
  ];
  return [
    left.length > 0 ? `Not looked at: ${all(left)}.` : "",
    unseen.length > 0 ? `Not seen: ${unseen.join("; ")}.` : "",
    now - look.from > keptFor
      ? "Of what has ended Nomad deletes most after an hour, so the beginning may be missing."
      : "",
  ].filter(Boolean);
}
