import * as z from "zod";

/**
 * Parameters that are text of several lines, such as a job file: they reach the tool with their line ends. Every other
 * text is a name or a phrase, which has none.
 */
export const blocks = z.registry<Record<string, never>>();

const id = z.string().max(36).describe("8+ characters of it");

/** Parameters that several tools share, one wording each. */
export const parameters = {
  namespace: z.string().max(128).optional().describe('"*": all'),
  /** Of a tool that changes something: that happens in one namespace. */
  one_namespace: z.string().max(128).optional(),
  job_id: z.string().max(1024),
  allocation_id: id,
  deployment_id: id,
  evaluation_id: id,
  /** Of a token: it names it, and lets nobody use it. */
  accessor_id: id,
  /** Of a variable. */
  path: z.string().max(128),
  /** Of the library. */
  file: z.string().max(4096).describe("Address from list_job_files"),
  /** In place of the text of a job file. */
  library_file: z.string().max(4096).optional().describe("Of the library, in place of job_file"),
  node: z.string().max(256).describe("Name or id"),
  version: z.string().max(128).optional().describe("Number or tag"),
  limit: (usual: number, most: number) => z.int().min(1).max(most).default(usual),
  cursor: z.string().max(4096).optional().describe("From the answer before"),
  confirm: z.string().max(64).optional().describe("Code from the answer before, once the person agreed"),
  wait_seconds: z.int().min(0).max(45).default(30),
};
