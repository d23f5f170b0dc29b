import { Refusal } from "../../../api/errors/refusal.ts";
import { jobs } from "../../../endpoints/jobs.ts";
import { operator } from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { seal, unsealedValue } from "../../../text/sealed.ts";
import { all, plural, some } from "../../../text/words.ts";
import { readRegions } from "../../cluster/regions.ts";
import { regionsNote } from "../regions.ts";
import { assignedVariables, declaredVariables } from "./hcl-names.ts";
import { isObject, type JobSpec, readJobJson } from "./job-json.ts";
import { parseError } from "./parse-errors.ts";
import { unrendered } from "./unrendered.ts";

/** A job file as it was given. */
export interface GivenFile {
  readonly text: string;
  /** Found out by the text where it is not said. */
  readonly format?: "hcl" | "json" | undefined;
  /** Values of its variables, as tfvars text. */
  readonly variables?: string | undefined;
  /** The call's namespace argument. */
  readonly namespace?: string | undefined;
}

/** The source that Nomad keeps beside the job. */
export interface Submission {
  readonly Source: string;
  readonly Format: "hcl2" | "json";
  readonly Variables: string;
  readonly VariableFlags: Readonly<Record<string, string>>;
}

/** A job file that was read: what is sent to Nomad, and where. */
export interface JobFile {
  readonly id: string;
  /** With every field of the file, and the namespace in which it will be. */
  readonly job: JobSpec;
  readonly submission: Submission;
  readonly namespace: string;
  /** Why this namespace, where that is not obvious, to be put behind its name: ", as the file says". */
  readonly why: string;
  /** What should be known of it, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads a job file; HCL is parsed by Nomad. `nomad` is bound to the namespace argument, else to the setting.
 *
 * The namespace is the file's own, else the argument's, else the setting's, as `nomad job run` has it (nomad-api.md §1.3).
 *
 * @throws Refusal where the file cannot be read, would be misread, or contradicts the call. Nothing is changed by then.
 */
export async function readJobFile(nomad: NomadClient, given: GivenFile): Promise<JobFile> {
  if (given.namespace !== undefined) oneNamespace(given.namespace);
  const text = given.text.replace(/^\uFEFF/, "");
  const variables = given.variables?.trim() ? given.variables : "";
  const isJson = (given.format ?? (text.trimStart().startsWith("{") ? "json" : "hcl")) === "json";
  if (isJson && variables !== "") {
    throw new Refusal("variables are for job files in HCL, and this one is JSON. Nothing was submitted.");
  }
  const spec = isJson ? readJobJson(text) : await readHcl(nomad, text, variables);
  const id = checkedId(spec);
  checkIsJob(spec);
  await checkRegion(nomad, textOf(spec, "Region"));
  const notes = await checkRegions(nomad, spec);
  const own = textOf(spec, "Namespace");
  const namespace = oneNamespace(own ?? nomad.namespace);
  if (own !== undefined && given.namespace !== undefined && own !== given.namespace) {
    throw new Refusal(
      `The job file says namespace ${own}, the call says namespace=${given.namespace}: leave the argument out or change the file. Nothing was submitted.`,
    );
  }
  // With its version from elsewhere the job would be numbered by it, and its tag would be doubled (nomad-api.md §10.1).
  const { Version: _, VersionTag: __, ...job } = spec;
  return {
    id,
    job: { ...job, Namespace: namespace },
    submission: { Source: text, Format: isJson ? "json" : "hcl2", Variables: variables, VariableFlags: {} },
    namespace,
    why: own !== undefined && own !== nomad.namespace ? ", as the file says" : "",
    notes,
  };
}

/** The namespace, where it is one. @throws Refusal for the wildcard. */
export function oneNamespace(namespace: string): string {
  if (namespace !== "*") return namespace;
  throw new Refusal(
    "* is no namespace that a job can be in: name one, in the call or in the job file. Nothing was submitted.",
  );
}

async function readHcl(nomad: NomadClient, text: string, variables: string): Promise<JobSpec> {
  // Nomad takes text for JSON syntax only where nothing but spaces stands before the brace.
  const hcl = text.trimStart().startsWith("{") ? text.trimStart() : text;
  const parser = nomad.namespace === "*" ? nomad.in("default") : nomad;
  let job: JobSpec;
  try {
    // Canonicalize would fill in a namespace, and then the file's own could not be told from none (nomad-api.md §3.3).
    const body = { JobHCL: hcl, Variables: variables, Canonicalize: false };
    job = await parser.ask(jobs.parse, {}, body);
  } catch (error) {
    throw unrendered(hcl) ?? parseError(error, { hcl, variables });
  }
  checkVariables(hcl, variables);
  return job;
}

/** The server ignores a variable that the file does not declare (nomad-api.md §3.3), and so a typo in its name. */
function checkVariables(hcl: string, variables: string): void {
  if (variables === "") return;
  const declared = declaredVariables(hcl);
  const unknown = assignedVariables(variables).filter((name) => !declared.has(name));
  if (unknown.length === 0) return;
  const names = declared.size > 0 ? `It declares ${all([...declared])}.` : "It declares no variables.";
  throw new Refusal(
    `The job file declares no ${plural(unknown.length, "variable").replace(/^\S+ /, "")} ${all(unknown, "or")}: Nomad would ignore what was given. ${names} Nothing was submitted.`,
  );
}

function checkedId(job: JobSpec): string {
  const id = textOf(job, "ID");
  if (id === undefined) throw new Refusal("The job has no ID. Nothing was submitted.");
  return id;
}

/** What can be read back of a job and is no job to submit. */
function checkIsJob(job: JobSpec): void {
  if (job.Dispatched === true || textOf(job, "ParentID") !== undefined) {
    throw new Refusal(
      `The job file is one run (a child) of job ${textOf(job, "ParentID") ?? "unknown"}, which Nomad itself makes: submit the parent's file. Nothing was submitted.`,
    );
  }
  if (job.Stop === true) {
    throw new Refusal(
      'The job file says "Stop": true, with which Nomad would keep the job stopped, or stop it. Take it out to run the job. Nothing was submitted.',
    );
  }
}

/** One client speaks to one region, so the file must agree with it. `global` stands for the agent's own (nomad-api.md §1.3). */
async function checkRegion(nomad: NomadClient, region: string | undefined): Promise<void> {
  if (region === undefined || region === nomad.region) return;
  if (nomad.region !== undefined) {
    throw new Refusal(
      `The job file says region ${region}, this server works in region ${nomad.region} (NOMAD_REGION). Nothing was submitted.`,
    );
  }
  if (region === "global") return;
  const regions = await nomad.get(operator.regions);
  if (regions.length === 1 && regions[0] === region) return;
  const cure = regions.includes(region)
    ? `to submit there, start this server with NOMAD_REGION=${region}`
    : `there is no such region, but ${all(regions)}`;
  throw new Refusal(`The job file says region ${region}: ${cure}. Nothing was submitted.`);
}

/**
 * What is said of a file for several regions, each of which deploys it by itself (Nomad Enterprise).
 *
 * @throws Refusal where this one is not among them: Nomad would send the job to the first of them without a word
 * (command/agent/job_endpoint.go, regionForJob).
 */
async function checkRegions(nomad: NomadClient, { Multiregion }: JobSpec): Promise<string[]> {
  const regions: unknown = isObject(Multiregion) ? Multiregion.Regions : undefined;
  if (!Array.isArray(regions) || regions.length === 0) return [];
  const names = regions.map((region) => (isObject(region) ? String(region.Name) : ""));
  const { own, others } = await readRegions(nomad);
  if (own === undefined || names.includes(own)) return [regionsNote(names)];
  const there = names.find((name) => others.includes(name));
  const cure =
    there === undefined
      ? `there are no such regions, but ${all([own, ...others])}`
      : `to submit it, start this server with NOMAD_REGION=${there}`;
  throw new Refusal(
    `The job file is for the regions ${some(names, 10)}, and this is region ${own}: ${cure}. Nothing was submitted.`,
  );
}

function textOf(job: JobSpec, key: string): string | undefined {
  const value = job[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The Submission of a job for which there is no file: its JSON, bare, as `nomad job start` reads it. */
export function jobSubmission(job: JobSpec): Submission {
  return {
    Source: seal(JSON.stringify(unsealedValue(job), null, 2)),
    Format: "json",
    Variables: "",
    VariableFlags: {},
  };
}
