import { demoSession } from "../test/support/demo-session.ts";
import { folder } from "../test/support/library.ts";

/** What a person asks, and the calls with which a model answers. */
interface Conversation {
  /** What it is about, where that begins with it. */
  readonly task?: string;
  readonly question: string;
  /** Shows the workflow; the README has these. */
  readonly isWorkflow?: true;
  readonly calls: readonly Call[];
}

interface Call {
  readonly tool: string;
  /** `file`: the job file of the demo's web. `before`: the answer before, which may hold what this call needs. */
  args(file: string, before: string): Readonly<Record<string, string | number>>;
}

const call = (tool: string, args: Readonly<Record<string, string | number>> = {}): Call => ({ tool, args: () => args });

/** The file with another amount of memory, in MB. */
const withMemory = (file: string, memory: number) => ({
  job_file: file.replace(/memory\s*= \d+/, `memory = ${memory}`),
});

const conversations: readonly Conversation[] = [
  {
    task: "Find out what is wrong",
    question: "Is anything wrong on the cluster?",
    calls: [call("find_problems"), call("diagnose_job", { job_id: "checkout" })],
  },
  {
    question: "What would it take to run ml-train?",
    calls: [call("get_job_evaluations", { job_id: "ml-train" }), call("get_job_spec", { job_id: "ml-train" })],
  },
  {
    question: "What did web log last?",
    calls: [call("get_job_logs", { job_id: "web", lines: 3 })],
  },
  {
    task: "Change a job, and go back",
    question: "Here is web with more memory. Is the file all right, and what would it change? Then roll it out.",
    isWorkflow: true,
    calls: [
      { tool: "validate_job_file", args: (file) => withMemory(file, 256) },
      { tool: "plan_job", args: (file) => withMemory(file, 256) },
      {
        tool: "submit_job_file",
        args: (file, before) => ({
          ...withMemory(file, 256),
          check_index: /check_index=(\d+)/.exec(before)?.[1] ?? "",
        }),
      },
    ],
  },
  {
    question: "Give it 64 GB. ... No, take that back.",
    isWorkflow: true,
    calls: [
      { tool: "submit_job_file", args: (file) => ({ ...withMemory(file, 64_000), wait_seconds: 10 }) },
      call("list_job_versions", { job_id: "web" }),
      call("revert_job", { job_id: "web", version: 1 }),
    ],
  },
  {
    task: "Run something now",
    question: "Run the nightly report now, and tell me what it printed.",
    calls: [
      call("force_periodic_job", { job_id: "nightly-report" }),
      {
        tool: "get_job_logs",
        args: (_, before) => ({ job_id: /nightly-report\/periodic-\d+/.exec(before)?.[0] ?? "" }),
      },
    ],
  },
  {
    task: "Keep work off a node",
    question: "client-2 is to be mended. What would have to move? ... Just keep new work off it for now.",
    calls: [
      call("get_node_status", { node: "client-2", drain_preview: "true" }),
      call("set_node_eligibility", { node: "client-2", eligible: "false" }),
    ],
  },
  {
    task: "Hold the cluster to the files",
    question: "Which jobs are not what our files say? ... web has the memory that it needs: put that into its file.",
    calls: [
      call("find_drift"),
      call("save_job_file", { file: "platform/web.nomad.hcl", replace: "memory = 128", with: "memory = 256" }),
      call("find_drift", { filter: "web" }),
    ],
  },
];

/** A conversation that was held, as Markdown. */
interface Held {
  readonly task?: string;
  readonly text: string;
  readonly isWorkflow: boolean;
}

/** The conversations as they are held with a fresh demo cluster, one after the other. The same source gives the same texts. */
export async function converse(): Promise<Held[]> {
  // A library of one file, which is what web was to begin with.
  const kept = folder("platform");
  const session = await demoSession({ library: { folders: [kept.path], write: "on" } });
  const { Source: file } = await session.nomad<{ Source: string }>("GET", "/v1/job/web/submission?version=0");
  kept.write("web.nomad.hcl", file.replace(/memory\s*= \d+/, "memory = 128"));
  // Away from the whole hours, so that an age does not depend on how long a request takes.
  await session.clock.advance(5_000);
  const held: Held[] = [];
  for (const { question, calls, isWorkflow = false, task } of conversations) {
    const parts = [`**${question}**`];
    let before = "";
    for (const { tool, args: from } of calls) {
      const args = from(file, before);
      const { text } = await session.call(tool, args);
      before = text;
      parts.push(`\`\`\`text\n> ${[tool, ...Object.entries(args).map(shown)].join(" ")}\n\n${steady(text)}\n\`\`\``);
    }
    held.push({ text: parts.join("\n\n"), isWorkflow, ...(task && { task }) });
  }
  await session.close();
  kept.remove();
  return held;
}

/** An argument as it is typed; a file by its name. */
function shown([name, value]: readonly [string, string | number]): string {
  const text = name === "job_file" ? "@web.hcl" : String(value);
  return `${name}=${text.includes(" ") ? `"${text}"` : text}`;
}

/** Without what differs from run to run: the port on which the demo cluster listens. */
function steady(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d{5}/g, "127.0.0.1:4646");
}
