import { shopFile } from "./tour-job.ts";

/** One call of the tour. */
export interface Step {
  /** What is going on, said before the call. */
  readonly about: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
  /** What has to stand in the answer; without it the tour ends as failed. */
  readonly expects: RegExp;
}

const job_id = "shop";

/** From "what runs here?" to "stop it": what an operator and a model do together with a job. */
export const steps: readonly Step[] = [
  {
    about: "What runs here, and is anything wrong with it?",
    tool: "list_nomad_jobs",
    args: {},
    expects: /^\d+ jobs? .*in namespace default/m,
  },
  {
    about: "One job is in trouble. What is wrong with it?",
    tool: "get_job_status",
    args: { job_id: "checkout" },
    expects: /crash looping: .*Why: .*exits with code 1/s,
  },
  {
    about: "A new job. By mistake its file asks for 32000 MB of memory, where 32 were meant.",
    tool: "submit_job_file",
    args: { job_file: shopFile({ memory: 32000 }) },
    expects: /not placed: /,
  },
  {
    about: "Why could it not be placed?",
    tool: "get_job_evaluations",
    args: { job_id },
    expects: /32,000 MB of memory/,
  },
  {
    about: "The file is fixed and submitted again. The call waits for the outcome of the deployment.",
    tool: "submit_job_file",
    args: { job_file: shopFile({}) },
    expects: /running: 2 of 2 healthy/,
  },
  { about: "What does it print?", tool: "get_job_logs", args: { job_id }, expects: /^\| shop is open$/m },
  {
    about: "A new version goes out. It ends as soon as it has started.",
    tool: "submit_job_file",
    args: { job_file: shopFile({ crashes: true }) },
    expects: /exits with code 1/,
  },
  {
    about: "Somebody else comes and asks what is wrong with the shop. One call has to say it.",
    tool: "get_job_status",
    args: { job_id },
    expects: /exits with code 1.*\| FATAL: cannot reach payments\.internal:8443/s,
  },
  {
    about: "The version that worked is submitted again.",
    tool: "submit_job_file",
    args: { job_file: shopFile({}) },
    expects: /running: 2 of 2 healthy/,
  },
  {
    about: "A restart, one allocation after the other, as `nomad job restart` does it.",
    tool: "restart_job",
    args: { job_id },
    expects: /\b2 of 2 allocations\b/,
  },
  { about: "The shop closes.", tool: "stop_job", args: { job_id }, expects: /stopped/ },
];
