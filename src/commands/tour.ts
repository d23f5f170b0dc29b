import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { span } from "../text/time.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { print } from "./print.ts";
import { type Step, steps } from "./tour-steps.ts";

/** What the tour needs of an MCP client. */
type Caller = Pick<Client, "callTool">;

/**
 * `nomad-mcp tour`: the workflow from a job file that cannot be placed to a job that is stopped. The server is started as
 * a host would start it, over stdio, and always on the demo cluster. Exit status 1 where a call ends as the tour does not
 * expect it.
 */
export const run: Command = async (_, words) => {
  if (words.length > 0) throw new Error(`tour takes no ${JSON.stringify(words[0])}`);
  const [, program = ""] = process.argv;
  // The transport hands on PATH and the like, nothing of NOMAD_*; and no home in which a settings file could stand.
  const env = { HOME: "", APPDATA: "" };
  const args = [program, "--demo"];
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const client = new Client({ name: "nomad-mcp-tour", version });

  const unused = process.env.NOMAD_ADDR ? " NOMAD_ADDR is set, and not used." : "";
  print(`The tour runs on a demo cluster in this machine's memory: no real Nomad is touched.${unused}`);
  print("Behind `>` stands what a model calls, and below it the answer as the model gets it.");
  const began = Date.now();
  try {
    await client.connect(transport);
    await walk(client, steps, print);
  } catch (error) {
    process.stderr.write(said);
    throw error;
  } finally {
    await client.close();
  }
  print(
    `\nThe tour is over: ${steps.length} calls in ${span(Date.now() - began)}, each with the answer that was expected.`,
  );
  return 0;
};

/** Makes the calls of the tour in turn, and prints them. @throws Error at the first answer that is not as expected. */
export async function walk(client: Caller, tour: readonly Step[], say: (text: string) => void): Promise<void> {
  let file: string | undefined;
  for (const [index, { about, tool, args, expects }] of tour.entries()) {
    say(`\n${index + 1}. ${about}`);
    const { job_file, ...others } = args;
    if (job_file !== undefined) {
      say(`\n${file === undefined ? indented(job_file) : difference(file, job_file)}`);
      file = job_file;
    }
    const shown = { ...(job_file !== undefined && { job_file: "(the file above)" }), ...others };
    say(`\n${[`> ${tool}`, ...Object.entries(shown).map(([key, value]) => `${key}=${value}`)].join(" ")}`);
    const result = await client.callTool({ name: tool, arguments: args });
    const blocks = Array.isArray(result.content) ? result.content : [];
    const answer = blocks.map((block: { text?: string }) => block.text ?? "").join("\n");
    say(answer);
    if (result.isError === true || !expects.test(answer)) {
      throw new Error(`the tour ends here: ${tool} did not answer as expected (${expects.source})`);
    }
  }
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "    ");
}

/** The lines in which two texts differ, which are those between a common start and a common end. */
function difference(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const start = old.findIndex((line, index) => line !== now[index]);
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const changed = (sign: string, lines: string[]) =>
    lines.slice(start, lines.length - end).map((line) => `  ${sign} ${line}`);
  return [...changed("-", old), ...changed("+", now)].join("\n");
}
