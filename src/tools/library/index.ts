import { defineToolset } from "../context.ts";
import { findDrift } from "./find-drift.ts";
import { getJobFile } from "./get-job-file.ts";
import { listJobFiles } from "./list-job-files.ts";
import { saveJobFile } from "./save-job-file.ts";

export const library = defineToolset({
  name: "library",
  description: "The team's job files, in folders and repositories",
  tools: [listJobFiles, getJobFile, findDrift, saveJobFile],
});
