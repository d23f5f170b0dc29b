import * as z from "zod";
import { Refusal } from "../../api/errors/refusal.ts";
import { saveAndCommit } from "../../library/commit.ts";
import { digestOf } from "../../library/library.ts";
import { changedMeanwhile, save } from "../../library/save.ts";
import { blocks, parameters } from "../../mcp/parameters.ts";
import { validate } from "../../nomad/jobs/advice/validate.ts";
import { mergedVariables } from "../../nomad/jobs/file/hcl-names.ts";
import { readJobFile } from "../../nomad/jobs/file/job-file.ts";
import { type Edit, edited, patchLines } from "../../nomad/jobs/library/edit.ts";
import { type Place, placeOf, readText } from "../../nomad/jobs/library/kept-file.ts";
import { ifOffered, toolCall } from "../../nomad/shared/next-step.ts";
import { clusterLine } from "../../nomad/shared/preview.ts";
import { unseal } from "../../text/sealed.ts";
import { quoted } from "../../text/untrusted.ts";
import { lines, short } from "../../text/words.ts";
import { type Context, defineTool } from "../context.ts";

export const saveJobFile = defineTool({
  name: "save_job_file",
  title: "Save a job file",
  description:
    "Change a job file of the library, or make one: a new text, or another passage in place of one. Validated first; commits where that is allowed, never pushes.",
  risk: "destructive",
  needs: ["parse-job", "read-job"],
  openWorld: true,
  input: {
    file: parameters.file,
    job_file: z.string().max(1_048_576).register(blocks, {}).optional().describe("Its whole new text"),
    replace: z.string().max(65_536).register(blocks, {}).optional().describe("Passage, exact, in it once"),
    with: z.string().max(65_536).register(blocks, {}).optional().describe("What takes its place"),
    digest: z.string().max(64).optional().describe("Of the text that was read; needed with job_file"),
    variables: z.string().max(65_536).register(blocks, {}).optional().describe("tfvars to validate with; not kept"),
    message: z.string().max(2048).register(blocks, {}).optional().describe("Of the commit"),
  },
  async preview(args, context) {
    const { nomad } = context;
    const { file, place, before, after } = await change(args, context);
    const patch = await patchLines(before ?? "", after);
    const what = before === undefined ? "Make a job file" : "Change a job file";
    const commits = place.source.write === "commit" ? `, and commit that as ${messageOf(args, file)}` : "";
    return {
      text: lines(`${what}${commits}`, `  file: ${place.address}`, clusterLine(nomad), quoted(patch.join("\n"))),
      stamp: JSON.stringify([place.address, before === undefined ? null : digestOf(before)]),
    };
  },
  async run(args, context) {
    const { nomad, hold, author } = context;
    const { file, place, before, after } = await change(args, context);
    const { source, path, address } = place;
    const plan = `${toolCall(nomad, "plan_job", { file: address })} says what submitting it would change`;
    const next = [ifOffered("plan_job", plan, "submit it where it is to run")];
    if (before !== undefined && unseal(before) === unseal(after)) {
      return { headline: `${address}: it is so already, nothing was changed`, next };
    }
    const digest = before === undefined ? undefined : digestOf(before);
    const saving = { source, path: unseal(path), before: digest, text: after };
    const by = { message: messageOf(args, file), author: author ?? "nomad-mcp" };
    const commit = source.write === "commit" ? await saveAndCommit({ ...saving, ...by, hold }) : undefined;
    if (commit === undefined) {
      await hold?.();
      await save(saving);
    }
    const committed = commit === undefined ? "; not committed" : `, committed as ${short(commit.id)}; not pushed`;
    return {
      headline: `${address} ${before === undefined ? "made" : "saved"}${committed}`,
      sections: quoted((await patchLines(before ?? "", after)).join("\n")).split("\n"),
      next,
      data: { file: address, digest: digestOf(after), commit: commit?.id },
    };
  },
});

interface Arguments extends Edit {
  readonly file: string;
  readonly digest?: string | undefined;
  readonly variables?: string | undefined;
  readonly message?: string | undefined;
}

interface Changing {
  /** The id of its job. */
  readonly file: string;
  readonly place: Place;
  readonly before: string | undefined;
  readonly after: string;
}

/** What a call comes to; nothing is written. @throws Refusal where the edit does not fit, or Nomad would refuse the file. */
async function change(args: Arguments, { nomad, library, cluster }: Context): Promise<Changing> {
  const place = await placeOf(library, args.file);
  const before = await place.read();
  if (before !== undefined && args.job_file !== undefined && args.digest === undefined) {
    throw new Refusal(
      `${place.address} is there: digest says which text of it the new one takes the place of, as get_job_file gives it. Nothing was changed.`,
    );
  }
  if (args.digest !== undefined && (before === undefined || args.digest !== digestOf(before))) {
    throw changedMeanwhile(place.address);
  }
  const after = edited(before, args);
  const kept = await readText({ library: place.library, cluster }, place, after);
  const variables = mergedVariables([kept.variables, args.variables ?? ""]);
  const home = nomad.namespace === "*" ? nomad.in(nomad.home) : nomad;
  const file = await readJobFile(home, { text: kept.text, variables }).catch((error: unknown) => {
    throw error instanceof Refusal ? new Refusal(ofSaving(error.message)) : error;
  });
  const { errors } = await validate(home.in(file.namespace), file.job);
  if (errors.length > 0) throw new Refusal(lines("Nomad would refuse this job file. Nothing was changed.", ...errors));
  return { file: file.id, place, before, after };
}

/** The words of a refused submission, for a file that is only saved. */
const ofSaving = (message: string) =>
  message
    .replace("Nothing was submitted.", "Nothing was changed.")
    .replace(/(?<=^Next: give it a value in variables, such as .*)$/m, ": any of its type will do, it is not kept");

const messageOf = ({ message }: Arguments, id: string) => unseal(message?.trim() || `Change ${id}`);
