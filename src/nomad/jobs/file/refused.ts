import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { namespaces } from "../../../endpoints/namespaces.ts";
import { nodePools } from "../../../endpoints/node-pools.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unseal } from "../../../text/sealed.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { lines, plural, some } from "../../../text/words.ts";
import type { JobSpec } from "./job-json.ts";
import { typedJob } from "./typed-job.ts";
import { lineToWrite } from "./warning-line.ts";

/**
 * What the operator should read where Nomad does not take a job, whether it is registered or planned. Any other error is
 * given back as it is.
 */
export async function notAccepted(nomad: NomadClient, id: string, error: unknown): Promise<unknown> {
  if (!(error instanceof NomadError)) return error;
  if (error.reply.includes("nonexistent namespace")) return await noNamespace(nomad);
  if (error.reply.includes("nonexistent node pool")) return await noPool(nomad, id, error.reply);
  return error.kind === "validation" ? invalid(id, complaintLines(error.reply)) : error;
}

/** The refusal of a job, with what is wrong with it: a line each. */
export function invalid(id: string, complaints: readonly string[]): Refusal {
  return new Refusal(
    lines(`Nomad does not accept job ${id}. Nothing was submitted.`, ...complaints.map((line) => `  ${line}`)),
  );
}

/** What Nomad's words leave open: they stand behind them. */
const cures: Readonly<Record<string, string>> = {
  "Multiregion jobs are unlicensed.":
    " That takes Nomad Enterprise: without it leave the multiregion block out and submit the job in each region.",
};

/** What is wrong with a job in Nomad's words, a line each. */
export function complaintLines(reply: string): string[] {
  const told = unseal(reply)
    .split("\n")
    .map((line) => unnested(line).replace(/^[\s*]+/, ""));
  // A name in it can hold line breaks: Nomad's own mark stays before what would read like a line of ours.
  return told.filter(Boolean).map((line) => {
    const cure = Object.entries(cures).find(([text]) => line.startsWith(text))?.[1] ?? "";
    return `${quotedLine(/^[A-Z]\w*: /.test(line) ? `* ${line}` : line, 400)}${cure}`;
  });
}

/**
 * Nomad's warnings, each in a line ("2 warnings:", then "* ..." each), with what to write instead. `job`: what they are
 * about, where it is known.
 */
export function warningLines(warnings: string | undefined, job?: JobSpec): string[] {
  const typed = job && typedJob(job);
  const each = unseal(warnings ?? "")
    .split(/\n\* /)
    .slice(1);
  const told = each.slice(0, 5).map((text) => {
    const words = quotedLine(unnested(text), 300);
    const write = lineToWrite(words, typed);
    return `Warning: ${write === "" ? words : words.replace(/\.$/, "")}${write}`;
  });
  return each.length > told.length ? [...told, `and ${plural(each.length - told.length, "warning")} more`] : told;
}

/** Nomad nests its errors, each level with a line that counts them: what is wrong stands in the others. */
const unnested = (text: string) => text.replaceAll(/\d+ (errors?|warnings?)( occurred)?:\s*(\* )?/g, "");

async function noNamespace(nomad: NomadClient): Promise<Refusal> {
  const { items } = await nomad.list(namespaces.list);
  const names = items.map(({ Name }) => Name);
  return new Refusal(
    `There is no namespace ${nomad.namespace}; there is ${some(names, 10)}. Nothing was submitted.\nNext: nomad namespace apply ${nomad.namespace} creates it`,
  );
}

async function noPool(nomad: NomadClient, id: string, reply: string): Promise<Refusal> {
  const { items } = await nomad.list(nodePools.list);
  const names = items.map(({ Name }) => Name);
  const asked = /nonexistent node pool "([^"]+)"/.exec(reply)?.[1] ?? "that name";
  return new Refusal(
    `There is no node pool ${asked} for job ${id}; there is ${some(names, 10)}. Nothing was submitted.`,
  );
}
