import * as z from "zod";
import { Refusal } from "../../../api/errors/refusal.ts";
import type { JobType } from "../../../endpoints/job.ts";
import { unseal } from "../../../text/sealed.ts";
import { all } from "../../../text/words.ts";
import { isMasked, standsForValue } from "../../shared/masked.ts";
import type { JobSpec } from "./job-json.ts";

/** A first job in few words, as they are named to the operator: one group with one docker task. */
export interface SimpleJob {
  readonly job_id: string;
  readonly namespace: string;
  readonly name?: string | undefined;
  readonly type?: JobType | undefined;
  readonly datacenters?: readonly string[] | undefined;
  readonly docker_image: string;
  /** The program and its arguments, in place of the image's own. */
  readonly command?: readonly string[] | undefined;
  readonly count?: number | undefined;
  /** MHz */
  readonly cpu?: number | undefined;
  /** MB */
  readonly memory?: number | undefined;
  readonly ports?: readonly SimplePort[] | undefined;
  readonly env_vars?: Readonly<Record<string, unknown>> | undefined;
}

/** `Value` is the port on the node, a free one where it is not given; `To` is the one in the container. */
export interface SimplePort {
  readonly Label?: string | undefined;
  readonly Value?: number | undefined;
  readonly To?: number | undefined;
}

/** The same as parameters, as they are given by whoever calls. */
export const simpleJobShape = {
  // What does not fit is refused by simpleJob, all of it at once: each limit written here would cost every session
  // tokens, and so would the two lines that say of an object what it has been checked for anyway.
  job_id: z.string(),
  name: z.string().optional(),
  type: z.enum(["service", "batch", "system", "sysbatch"]).optional(),
  datacenters: z.array(z.string()).optional(),
  docker_image: z.string(),
  command: z.array(z.string()).optional(),
  count: z.number().optional(),
  cpu: z.number().optional().describe("MHz"),
  memory: z.number().optional().describe("MB"),
  ports: z
    .array(
      z
        .strictObject({ Label: z.string().optional(), Value: z.number().optional(), To: z.number().optional() })
        .meta({ additionalProperties: undefined }),
    )
    .optional()
    .describe("To: container port"),
  env_vars: z.looseObject({}).optional().meta({ properties: undefined, additionalProperties: undefined }),
};

/** Far more than a job of one image needs, in characters of its JSON. */
const largest = 262_144;

/**
 * The job as Nomad's JSON has it (nomad-api.md §10.2, §10.3).
 *
 * @throws Refusal that names everything that Nomad, or docker on the node, would not take.
 */
export function simpleJob(simple: SimpleJob): JobSpec {
  const mistakes = JSON.stringify(simple).length > largest ? ["the arguments are too long."] : [...mistakesOf(simple)];
  if (mistakes.length > 0) throw new Refusal(`${mistakes.join("\n")}\nNothing was submitted.`);
  const { command: [program, ...args] = [], datacenters = [], env_vars = {}, ports = [], type = "service" } = simple;
  const name = taskName(simple.job_id);
  const task = {
    Name: name,
    Driver: "docker",
    Config: {
      image: simple.docker_image,
      ...(program && { command: program }),
      ...(args.length > 0 && { args }),
      // Without it nothing would be reachable; it lists the labels of the group's ports.
      ...(ports.length > 0 && { ports: ports.map(({ Label }) => Label) }),
    },
    Env: Object.fromEntries(Object.entries(env_vars).map(([key, value]) => [key, String(value)])),
    Resources: { CPU: simple.cpu ?? 100, MemoryMB: simple.memory ?? 300 },
  };
  const network = {
    // A Value among the dynamic ones would not be kept to.
    DynamicPorts: ports.filter((port) => !isFixed(port)).map(({ Label, To }) => ({ Label, ...(To && { To }) })),
    ReservedPorts: ports.filter(isFixed).map(({ Label, Value, To }) => ({ Label, Value, ...(To && { To }) })),
  };
  const group = {
    Name: name,
    ...(!everywhere(simple) && { Count: simple.count ?? 1 }),
    ...(ports.length > 0 && { Networks: [network] }),
    Tasks: [task],
  };
  return {
    ID: simple.job_id,
    Name: simple.name || simple.job_id,
    Namespace: simple.namespace,
    Type: type,
    Datacenters: datacenters.length > 0 ? datacenters : ["*"],
    TaskGroups: [group],
  };
}

/** The same of arguments that nothing has been checked of. @throws Refusal that names what does not fit. */
export function readSimpleJob(args: Readonly<Record<string, unknown>>, namespace: string): SimpleJob {
  const read = z.strictObject(simpleJobShape).safeParse(args);
  if (read.success) return { ...read.data, namespace };
  const unknown = Object.keys(args).filter((key) => !Object.hasOwn(simpleJobShape, key));
  const wrong = read.error.issues
    .filter(({ code }) => code !== "unrecognized_keys")
    .map(({ message, path }) => {
      const at = path.join(".").slice(0, 80);
      return args[String(path[0])] === undefined ? `${at} is missing.` : `${at}: ${message}.`;
    });
  const strange = unknown.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 80)));
  const told = unknown.length > 0 ? [`There is no argument ${all(strange, "or")}.`, ...wrong] : wrong;
  throw new Refusal(`${told.slice(0, 5).join("\n")}\nNothing was submitted.`);
}

/** What should be known of the ports of such a job. */
export function portNotes(ports: readonly SimplePort[]): string[] {
  const open = ports.filter((port) => !isFixed(port) && !port.To).map(({ Label = "" }) => Label);
  if (open.length === 0) return [];
  // The port on the node is then the one in the container too (nomad-api.md §10.2).
  const variables = all(open.map((label) => `NOMAD_PORT_${label.replaceAll("-", "_")}`));
  return [`Port ${all(open)} has no To: the container must listen on the port that it finds in ${variables}`];
}

const isFixed = ({ Value }: SimplePort) => Value !== undefined && Value !== 0;
/** On every node runs one: such a job has no count. */
const everywhere = ({ type }: SimpleJob) => type === "system" || type === "sysbatch";

/**
 * The group and the task are named after the job, as far as its id is a name for both: a task is a directory, in which
 * `alloc` is one already, and docker's containers are called by it (letters, digits and dashes, a letter first).
 */
function taskName(jobId: string): string {
  const name = jobId.replaceAll(/[^\w-]+/g, "-").replaceAll(/^[-_]+|[-_]+$/g, "");
  return name === "" || name === "alloc" ? "app" : name.slice(0, 60);
}

function* mistakesOf(simple: SimpleJob): Generator<string> {
  const { command = [], count = 1, cpu = 100, datacenters = [], env_vars = {}, memory = 300, ports = [] } = simple;
  if (!/^[^\s\0]{1,1024}$/.test(unseal(simple.job_id))) yield "job_id: one word.";
  if (!/^\S+$/.test(unseal(simple.docker_image))) yield "docker_image: one word, such as nginx:1.27.";
  if (command.some(isMasked)) yield `command: ${standsForValue}: give the value itself.`;
  if (datacenters.includes("")) yield "datacenters: one of the names is empty.";
  if (!isWhole(count, 0, 100_000)) yield "count: a whole number, 0 or more.";
  if (count !== 1 && everywhere(simple)) yield `count: not for type ${simple.type}, which runs one on every node.`;
  if (!isWhole(cpu, 1, 10_000_000)) yield "cpu: whole MHz, 1 or more.";
  if (!isWhole(memory, 10, 100_000_000)) yield "memory: whole MB, 10 or more.";
  yield* portMistakes(ports);
  for (const [name, value] of Object.entries(env_vars)) {
    if (!/^[^=\0]+$/.test(unseal(name))) yield `env_vars: ${JSON.stringify(name)} is no name of a variable.`;
    if (!["string", "number", "boolean"].includes(typeof value)) yield `env_vars: ${name} must be text.`;
    if (isMasked(String(value))) yield `env_vars: ${name}: ${standsForValue}: give the value itself.`;
  }
}

function* portMistakes(ports: readonly SimplePort[]): Generator<string> {
  const labels = new Set<string>();
  const fixed = new Set<number>();
  for (const { Label = "", Value = 0, To = 0 } of ports) {
    if (!/^\w[\w-]*$/.test(Label)) yield `ports: Label ${JSON.stringify(Label)} must be a word.`;
    if (labels.has(Label)) yield `ports: Label ${Label} is there twice.`;
    if (!isWhole(Value, 0, 65_535)) yield `ports: Value ${Value} is no port.`;
    if (!isWhole(To, 0, 65_535)) yield `ports: To ${To} is no port.`;
    if (Value !== 0 && fixed.has(Value)) yield `ports: Value ${Value} is there twice.`;
    labels.add(Label);
    fixed.add(Value);
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
