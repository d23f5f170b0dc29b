/** A call of a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/** One of the calls under /api/claude: a path of its own for one tool or a few. */
export interface ClaudeCall {
  readonly name: string;
  readonly description: string;
  readonly method: "GET" | "POST";
  /** A name in braces is an argument, percent-encoded. */
  readonly path: string;
  /** The tools that it stands for, by the action where there are several. */
  readonly tools: Readonly<Record<string, string>>;
  /** Its arguments beside those in the path, with their types. */
  readonly arguments: Readonly<Record<string, "string" | "boolean" | "integer" | "array" | "object">>;
  /** The call that is meant; a sentence where none can be. */
  toTool(given: Record<string, unknown>): ToolCall | string;
}

/** As many as list_nomad_jobs gives at once. */
const longestPage = 200;

const listJobs: ClaudeCall = {
  name: "list_jobs",
  description: "List all jobs in a namespace",
  method: "GET",
  path: "/api/claude/list-jobs",
  tools: { list: "list_nomad_jobs" },
  arguments: { namespace: "string" },
  toTool: (args) => ({ tool: "list_nomad_jobs", args: { limit: longestPage, ...args } }),
};

const manageJob: ClaudeCall = {
  name: "manage_job",
  description: "Manage a job",
  method: "POST",
  path: "/api/claude/jobs",
  tools: { status: "get_job_status", start: "start_job", stop: "stop_job", restart: "restart_job" },
  arguments: { job_id: "string", action: "string", namespace: "string", purge: "boolean" },
  toTool({ action, purge, ...args }) {
    const tool = typeof action === "string" && Object.hasOwn(this.tools, action) ? this.tools[action] : undefined;
    if (tool === undefined) return `action has to be one of ${Object.keys(this.tools).join(", ")}.`;
    // Programs send purge=false with every action.
    return { tool, args: action === "stop" || (purge && purge !== "false") ? { ...args, purge } : args };
  },
};

const createJob: ClaudeCall = {
  name: "create_job",
  description: "Create a new job",
  method: "POST",
  path: "/api/claude/create-job",
  tools: { create: "create_job" },
  arguments: {
    ...{ job_id: "string", name: "string", type: "string", datacenters: "array", namespace: "string" },
    ...{ docker_image: "string", count: "integer", cpu: "integer", memory: "integer", ports: "array" },
    env_vars: "object",
  },
  toTool: (args) => ({ tool: "create_job", args }),
};

const getJobLogs: ClaudeCall = {
  name: "get_job_logs",
  description: "Get logs for a job",
  method: "GET",
  path: "/api/claude/job-logs/{job_id}",
  tools: { logs: "get_job_logs" },
  arguments: { namespace: "string" },
  toTool: (args) => ({ tool: "get_job_logs", args }),
};

/** The four calls. */
export const claudeCalls: readonly ClaudeCall[] = [listJobs, manageJob, createJob, getJobLogs];
