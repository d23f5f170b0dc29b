import type { NomadClient } from "../../../nomad-client.ts";
import type { Answer } from "../../../text/answer.ts";
import { table } from "../../../text/table.ts";
import { span } from "../../../text/time.ts";
import { grouped, lines, plural, some } from "../../../text/words.ts";
import { notCollected } from "../../allocations/usage.ts";
import { ifOffered, showStep, toolCall } from "../../shared/next-step.ts";
import type { Measured } from "./measure.ts";
import { asksFarMore, idleMb, isClose, type UsageRow, usageRows } from "./rows.ts";
import type { Sample } from "./sample.ts";

/** So many tasks that are not measured have a row; the others are counted. */
const mostUnmeasured = 10;
/** So long a call can look, s. */
export const longest = 45;

/** What tasks use beside what they asked for, those that ask for far more first. `job`: the only one that was asked about. */
export function usageAnswer(nomad: NomadClient, sample: Sample, measured: Measured, job: string | undefined): Answer {
  const rows = usageRows(sample.groups, measured);
  const where = job === undefined ? place(nomad) : `of ${job}`;
  const next = sample.next === undefined ? [] : [`cursor=${sample.next} for the jobs after these`];
  if (rows.length === 0) {
    const none = sample.leftOut > 0 ? "No task was looked at" : `No task ${where} runs`;
    const why = job === undefined ? next : [`${showStep(nomad, "job", job)} says why`];
    return { headline: none, sections: [leftOut(sample)], next: why, data: { tasks: [], cursor: sample.next } };
  }
  const known = rows.filter(({ peak }) => peak.memoryMb !== undefined);
  const far = rows.filter(asksFarMore);
  const [worst] = far;
  const longer =
    worst && toolCall(nomad.in(worst.namespace), "get_job_usage", { job_id: worst.job, follow_seconds: longest });
  const shown = [...known, ...rows.filter((row) => !known.includes(row)).slice(0, mostUnmeasured)];
  return {
    headline: headline(rows, far, known.length, where, measured),
    sections: [`\n${listed(shown, nomad)}`, `\n${notes(rows, shown, sample, measured)}`],
    next: [...(longer ? [`${ifOffered("get_job_usage", longer, longer)} while it has work`] : []), ...next],
    data: { tasks: rows.map(dataOf), looks: measured.looks, cursor: sample.next },
  };
}

const place = ({ namespace }: NomadClient) => (namespace === "*" ? "in all namespaces" : `in namespace ${namespace}`);

function headline(
  rows: readonly UsageRow[],
  far: readonly UsageRow[],
  known: number,
  where: string,
  { looks, seconds, silent }: Measured,
): string {
  const tasks = `${plural(rows.length, "running task")} ${where}`;
  if (known === 0)
    return `Memory is not measured of ${tasks}${silent.length > 0 ? `: as a rule, ${notCollected}` : ""}`;
  const time = looks > 1 ? `in ${span(seconds * 1000)}` : "at one look";
  const [only] = rows;
  if (only && rows.length === 1) {
    const idle = far.length > 0 ? `: ${grouped(idleMb(only) ?? 0)} MB idle` : "";
    const figures = `${grouped(only.peak.memoryMb ?? 0)} of ${grouped(only.asked.memoryMb)} MB memory`;
    return `Task ${only.task} of ${only.job} used at most ${figures} ${time}${idle}`;
  }
  const unknown = known < rows.length ? `, ${grouped(rows.length - known)} not measured` : "";
  if (far.length === 0) return `None of ${tasks} asks for far more memory than it used ${time}${unknown}`;
  const idle = far.reduce((sum, row) => sum + (idleMb(row) ?? 0), 0);
  const ask = far.length === 1 ? "asks" : "ask";
  return `${far.length} of ${tasks} ${ask} for far more memory than used ${time}: ${grouped(idle)} MB idle${unknown}`;
}

function listed(rows: readonly UsageRow[], nomad: NomadClient): string {
  const everywhere = nomad.namespace === "*";
  const cells = rows.map((row) => {
    const { asked, peak } = row;
    const most = asked.mostMb > asked.memoryMb ? ` (max ${grouped(asked.mostMb)})` : "";
    return [
      row.job,
      everywhere ? row.namespace : "",
      row.group === row.task ? row.task : `${row.group}/${row.task}`,
      `${row.running}`,
      `${grouped(asked.memoryMb)}${most}`,
      peak.memoryMb === undefined ? "not measured" : grouped(peak.memoryMb),
      grouped(asked.cpuMhz),
      peak.cpuMhz === undefined ? "not measured" : grouped(peak.cpuMhz),
      asksFarMore(row) ? grouped(idleMb(row) ?? 0) : "",
    ];
  });
  const figures = ["asks MB", "peak MB", "asks MHz", "peak MHz", "idle MB"];
  return table(["job", "namespace", "task", "running", ...figures], cells);
}

function notes(rows: readonly UsageRow[], shown: readonly UsageRow[], sample: Sample, measured: Measured): string {
  const taken = sample.groups.reduce((sum, group) => sum + group.taken.length, 0);
  const running = sample.groups.reduce((sum, group) => sum + group.running, 0);
  const of = taken === running ? plural(taken, "allocation") : `${taken} of ${grouped(running)} allocations`;
  const near = rows.filter(isClose).map(({ job, task }) => `${task} of ${job}`);
  const { silent, unreached, looks } = measured;
  const allSilent = rows.every(({ peak }) => peak.memoryMb === undefined);
  return lines(
    near.length > 0 && `Close to what they may take, give them more: ${some(near, 5)}`,
    rows.some(asksFarMore) &&
      "A peak of seconds is no ground to cut memory to it: look under load, and leave room above.",
    `Looked ${looks === 1 ? "once" : `${looks} times`} at ${of}.`,
    rows.length > shown.length && `${plural(rows.length - shown.length, "more task")} not measured`,
    silent.length > 0 && `No figures from ${some(silent, 5)}${allSilent ? "" : `: as a rule, ${notCollected}`}`,
    unreached.length > 0 && `No answer from ${some(unreached, 5)}`,
    leftOut(sample),
  );
}

const leftOut = ({ leftOut: count }: Sample) =>
  count > 0 && `${plural(count, "group")} not looked at: a smaller limit, or job_id, does`;

const dataOf = ({ job, namespace, group, task, running, looked, asked, peak }: UsageRow) => ({
  ...{ job_id: job, namespace, group, task, running, looked },
  memory_mb: { asked: asked.memoryMb, max: asked.mostMb, peak: peak.memoryMb },
  cpu_mhz: { asked: asked.cpuMhz, peak: peak.cpuMhz },
});
