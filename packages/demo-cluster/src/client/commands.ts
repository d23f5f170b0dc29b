import type { Allocation } from "../state/types.ts";
import type { AllocRunner } from "./alloc-runner.ts";
import { duration } from "./programs.ts";
import { stepsOf } from "./shell.ts";
import { type TaskFiles, taskFiles } from "./task-files.ts";
import type { TaskRunner } from "./task-runner.ts";

/** What a command comes to. */
export interface Outcome {
  stdout: Buffer;
  stderr: Buffer;
  code: number;
  /** When it ends (ms); undefined: never. */
  runMs: number | undefined;
  /** What it says over and over until nobody listens. */
  forever?: string;
}

/** Where a command runs, and what it is given: undefined where its input has not ended yet. */
interface Place {
  alloc: Allocation;
  runner: TaskRunner;
  files: TaskFiles;
  input: Buffer | undefined;
}

/** A program of a system; undefined where it waits for the end of its input. */
type Command = (args: string[], place: Place) => Outcome | undefined;

/** A command cannot be started; the message is the driver's. */
export class StartError extends Error {}

/** Runs a command in a task as its driver would. @throws StartError. Undefined: it waits for the end of its input. */
export function runCommand(
  alloc: Allocation,
  allocRunner: AllocRunner,
  runner: TaskRunner,
  command: string[],
  input: Buffer | undefined,
): Outcome | undefined {
  const { task } = runner;
  if (task.Driver === "mock_driver") return mock(task.Config?.exec_command);
  const files = taskFiles(alloc, allocRunner, runner);
  const [name = "", ...args] = command;
  const run = commandNamed(name);
  if (run !== undefined) return run(args, { alloc, runner, files, input });
  if (task.Driver !== "docker") {
    const why = name.includes("/")
      ? `fork/exec ${name}: no such file or directory`
      : name === ""
        ? "exec: no command"
        : `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;
    throw new StartError(`rpc error: code = Unknown desc = failed to start command: ${why}`);
  }
  const why = `unable to start container process: exec: ${JSON.stringify(name)}: executable file not found in $PATH: unknown`;
  return said(`OCI runtime exec failed: exec failed: ${why}\r\n`, 127);
}

/** What its job says that any command comes to. */
function mock(config: unknown): Outcome {
  // In HCL it is a block.
  const [given] = [config].flat();
  if (typeof given !== "object" || given === null) throw new StartError("no exec command is configured");
  const told = given as Record<string, unknown>;
  const runMs = duration(told, "run_for");
  return {
    stdout: Buffer.from(String(told.stdout_string ?? "")),
    stderr: Buffer.from(String(told.stderr_string ?? "")),
    code: Number(told.exit_code ?? 0),
    runMs: typeof runMs === "number" ? runMs : 0,
  };
}

function said(text: string | Buffer, code = 0): Outcome {
  return { stdout: Buffer.from(text as string), stderr: Buffer.alloc(0), code, runMs: 0 };
}

function complained(text: string, code = 1): Outcome {
  return { stdout: Buffer.alloc(0), stderr: Buffer.from(text), code, runMs: 0 };
}

function joined(outcomes: readonly Outcome[]): Outcome {
  const last = outcomes.at(-1) ?? said("");
  const endless = outcomes.some(({ runMs }) => runMs === undefined);
  const forever = outcomes.find((one) => one.forever !== undefined)?.forever;
  return {
    stdout: Buffer.concat(outcomes.map(({ stdout }) => stdout)),
    stderr: Buffer.concat(outcomes.map(({ stderr }) => stderr)),
    code: last.code,
    runMs: endless ? undefined : outcomes.reduce((sum, { runMs = 0 }) => sum + runMs, 0),
    ...(forever !== undefined && { forever }),
  };
}

/** `read` of each file that is named, or of the input where none is. */
function ofFiles(name: string, args: string[], { files, input }: Place, read: (bytes: Buffer) => string | Buffer) {
  const named = args.filter((arg) => !arg.startsWith("-"));
  if (named.length === 0) return input && said(read(input));
  return joined(
    named.map((path) => {
      const entry = files.at(path);
      if (entry === undefined) return complained(`${name}: ${path}: No such file or directory\n`);
      if (entry.entries !== undefined) return complained(`${name}: ${path}: Is a directory\n`);
      return said(read(entry.bytes()));
    }),
  );
}

function environment({ alloc, runner: { task } }: Place): Record<string, string> {
  return {
    NOMAD_ALLOC_ID: alloc.ID,
    NOMAD_JOB_NAME: alloc.Job.Name,
    NOMAD_GROUP_NAME: alloc.TaskGroup,
    NOMAD_TASK_NAME: task.Name,
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ...task.Env,
  };
}

/** What runs in a task: what it was started with, and whoever asks. */
function processes({ runner: { task } }: Place): string {
  const { command, args, image } = task.Config ?? {};
  const name = /([^/:]+)(:[^/]*)?$/.exec(String(image ?? ""))?.[1] ?? task.Name;
  const main = [command ?? name, ...[args ?? []].flat()].join(" ");
  const rows = [
    [1, main],
    [23, "ps"],
  ] as const;
  const lines = rows.map(([pid, what]) => `${String(pid).padStart(5)} root      0:00 ${what}\n`);
  return `PID   USER     TIME  COMMAND\n${lines.join("")}`;
}

function seconds(text = ""): number | undefined {
  return text === "infinity" ? undefined : Number(text.replace(/s$/, "")) * 1000;
}

const shell: Command = (args, place) => {
  const [flag, script = ""] = args;
  const text = flag === "-c" ? script : args.length === 0 ? place.input?.toString("utf8") : undefined;
  if (text === undefined) return args.length === 0 ? undefined : complained(`sh: 0: cannot open ${flag}\n`, 2);
  const outcomes: Outcome[] = [];
  for (const { words, toStderr, onSuccess } of stepsOf(text)) {
    if (onSuccess && outcomes.at(-1)?.code !== 0) continue;
    const [name = "", ...rest] = words;
    const expanded = rest.map((word) =>
      word.replaceAll(/\$\{?(\w+)\}?/g, (_, key: string) => environment(place)[key] ?? ""),
    );
    if (name === "exit") {
      outcomes.push(said("", Number(rest[0] ?? 0)));
      break;
    }
    const run = commandNamed(name);
    const outcome = run ? run(expanded, place) : complained(`sh: 1: ${name}: not found\n`, 127);
    if (outcome === undefined) return undefined;
    const { stdout, stderr } = outcome;
    outcomes.push(
      toStderr ? { ...outcome, stdout: Buffer.alloc(0), stderr: Buffer.concat([stdout, stderr]) } : outcome,
    );
    if (outcome.runMs === undefined) break;
  }
  return joined(outcomes);
};

const COMMANDS: Record<string, Command> = {
  sh: shell,
  bash: shell,
  echo: (args) => said(`${args.join(" ")}\n`),
  true: () => said(""),
  false: () => said("", 1),
  cat: (args, place) => ofFiles("cat", args, place, (bytes) => bytes),
  wc: (args, place) => ofFiles("wc", args, place, (bytes) => `${bytes.length}\n`),
  ls(args, { files }) {
    const [path = files.home] = args.filter((arg) => !arg.startsWith("-"));
    const entry = files.at(path);
    if (entry === undefined) return complained(`ls: ${path}: No such file or directory\n`);
    return said((entry.entries ?? [entry]).map(({ name }) => `${name}\n`).join(""));
  },
  ps: (_, place) => said(processes(place)),
  pwd: (_, { files }) => said(`${files.home}\n`),
  hostname: (_, { files }) => said(files.at("/etc/hostname")?.bytes() ?? ""),
  env: (_, place) =>
    said(
      Object.entries(environment(place))
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    ),
  printenv([name = ""], place) {
    const value = environment(place)[name];
    return value === undefined ? said("", 1) : said(`${value}\n`);
  },
  seq: ([first = "1", last = first]) =>
    said(
      Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, n) => `${Number(first) + n}\n`).join(
        "",
      ),
    ),
  sleep: ([text]) => ({ ...said(""), runMs: seconds(text) }),
  yes: ([word = "y"]) => ({ ...said(""), runMs: undefined, forever: `${word}\n` }),
};

/** Where systems have their programs. */
const PLACES = ["/bin/", "/usr/bin/", "/usr/local/bin/"];

function commandNamed(name: string): Command | undefined {
  const place = PLACES.find((each) => name.startsWith(each)) ?? "";
  const bare = name.slice(place.length);
  return Object.hasOwn(COMMANDS, bare) ? COMMANDS[bare] : undefined;
}
