import * as z from "zod";
import { parameters } from "../../mcp/parameters.ts";
import { filePart } from "../../nomad/jobs/file/file-part.ts";
import { jobHeading } from "../../nomad/jobs/file/job-heading.ts";
import { historyOf } from "../../nomad/jobs/library/histories.ts";
import { libraryOf, readKept } from "../../nomad/jobs/library/kept-file.ts";
import { originLine, originOf } from "../../nomad/jobs/library/origin.ts";
import { bounded } from "../../nomad/jobs/source/bounded.ts";
import { maskedNote } from "../../nomad/shared/masked.ts";
import { ifOffered } from "../../nomad/shared/next-step.ts";
import { quoted } from "../../text/untrusted.ts";
import { defineTool } from "../context.ts";

const passages = ifOffered(
  "save_job_file",
  "save_job_file with replace and with changes other passages and leaves it",
  "it is in the file",
);

export const getJobFile = defineTool({
  name: "get_job_file",
  title: "Get a job file",
  description:
    "The text of a job file of the library, or of one group or task in it, and the values of its variables. Before save_job_file changes it.",
  risk: "read",
  needs: [],
  openWorld: true,
  input: {
    file: parameters.file,
    group: z.string().max(128).optional(),
    task: z.string().max(128).optional(),
  },
  async run({ file: given, group, task }, { cluster, library, mask, nomad }) {
    const found = await libraryOf(library).find(given);
    const { source, digest, variables, variableFiles } = await readKept(
      { library: libraryOf(library), cluster },
      found,
    );
    const origin = await originOf(found, await historyOf(found.source));
    const heading = jobHeading(source);
    const job = heading === undefined ? "no job is in it" : `job ${heading.id}`;
    const narrow = "name a group or a task";
    const told = [
      ...bounded(quoted(filePart(source, { group, task })).split("\n"), narrow),
      ...(variableFiles.length > 0
        ? [
            `Values of its variables, of ${variableFiles.join(", ")}:`,
            ...bounded(quoted(variables).split("\n"), narrow),
          ]
        : []),
    ];
    return {
      headline: `${originLine(origin, nomad.now())}: ${job}, digest ${digest}`,
      sections: [origin.trouble, ...told, maskedNote(told.join("\n"), mask, passages)],
      data: { file: found.address, digest, job_id: heading?.id, commit: origin.commit?.id },
    };
  },
});
