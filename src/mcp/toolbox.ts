import type { CallToolResult, Tool as ToolDefinition } from "@modelcontextprotocol/sdk/types.js";
import { deadline } from "../deadline.ts";
import { answerText, withValues } from "../text/answer.ts";
import { seal, showLine } from "../text/sealed.ts";
import type { StepView } from "../text/step.ts";
import { textAt } from "./arguments.ts";
import type { AuditEntry, AuditedCaller, HostName } from "./audit.ts";
import { createConsents, holdTo, plainPreview } from "./confirm.ts";
import { type ArgumentSchema, confirmSchema, define, parse, schemaOf, type Where } from "./definition.ts";
import type { Elicit, Rounds } from "./elicit.ts";
import type { Ended } from "./ended.ts";
import { offer } from "./gates.ts";
import { inSession } from "./listing.ts";
import { Refused } from "./refused.ts";
import { withoutSecrets } from "./shown-arguments.ts";
import { clip, maskedBy, maskedData, resultOf, type Told } from "./told.ts";
import type { AnyTool, Call, Masking } from "./tool.ts";
import type { ToolboxOptions } from "./toolbox-options.ts";

/** What the host gives with a call. */
export interface Host {
  readonly signal: AbortSignal;
  report?(message: string): void;
  readonly elicit?: Elicit | undefined;
  readonly rounds?: Rounds | undefined;
  readonly name?: HostName | undefined;
  /** Who calls, on a server of many. */
  readonly caller?: AuditedCaller | undefined;
}

/** Everything that a host can ask for, and what is true of every tool. */
export interface Toolbox {
  readonly definitions: ToolDefinition[];
  /** Makes a call for a program: its text, and the facts in it. */
  tell(name: string, args: unknown, host: Host): Promise<Told>;
  /** Makes a call for a host, which gets the text alone: hosts show a model either text or data, and differ in which. */
  call(name: string, args: unknown, host: Host): Promise<CallToolResult>;
  /** The same for a tool that is offered and reads: what resources and prompts show. */
  read(name: string, args: unknown, host: Host): Promise<CallToolResult>;
  /** True where this session offers the tool. */
  offers(tool: string): boolean;
}

type Consented = Pick<Call, "hold" | "consent">;

/** Claude Desktop gives a call up after 60 s, and progress does not extend that; in ms. */
const longestCall = 50_000;

/** @throws Refused where the gates name what does not exist, or leave nothing. */
export function createToolbox<C extends Call>(options: ToolboxOptions<C>): Toolbox {
  const { tools: offered, refusal } = offer(options.toolsets, options.gates, options.gateNames);
  const every = options.toolsets.flatMap(({ tools }) => tools);
  const changing = new Set(every.filter(({ risk }) => risk !== "read").map(({ name }) => name));
  const schemas = new Map<string, ArgumentSchema>();
  const consents = options.confirm === "ask" ? createConsents(options.codes) : undefined;
  let greeting = options.greeting;

  function asks({ risk }: AnyTool<C>): boolean {
    return consents !== undefined && risk === "destructive";
  }

  /** Made once: tools are called far more often than they are listed. */
  function schemaFor(tool: AnyTool<C>): ArgumentSchema {
    const schema = schemas.get(tool.name) ?? schemaOf(tool, options.clusters, asks(tool));
    schemas.set(tool.name, schema);
    return schema;
  }

  async function run(
    tool: AnyTool<C> | undefined,
    name: string,
    given: unknown,
    host: Host,
    masked: (text: string) => string,
    masking: Masking,
    entry?: AuditEntry,
  ): Promise<Told> {
    if (tool === undefined) throw refusal(name);
    const { args, where, code } = parse(tool, schemaFor(tool), given);
    // The time of a call counts from when it may begin, not from when the person was asked.
    const during = async <T>(work: (context: C) => Promise<T>, { hold, consent }: Consented = {}): Promise<T> => {
      const limit = deadline(host.signal, longestCall);
      const last = [limit.clear];
      const call: Call = {
        signal: limit.signal,
        started: Date.now(),
        tool: name,
        report: (message) => host.report?.(showLine(masked(message))),
        mask: masked,
        note: masking.note,
        noteInTurns: masking.noteInTurns,
        ...{ hold, consent },
        offered: [...offered.values()],
        changed: (change) => entry?.note(change),
        atEnd: (work) => void last.push(work),
      };
      try {
        const context = options.open(call, where);
        // Begun at once where nothing has to be waited for: a call that is cancelled meanwhile would not hear of it.
        return await work(context instanceof Promise ? await context : context);
      } finally {
        for (const each of last) each();
      }
    };
    let consented: Consented = {};
    if (consents !== undefined && asks(tool)) {
      const preview = async () =>
        (await during(async (context) => await tool.preview?.(args, context))) ??
        plainPreview(tool, args, options.place(where), options.showing);
      const consent = await consents.obtain({
        ...{ tool: name, args: { ...args, ...where }, code, elicit: host.elicit, rounds: host.rounds },
        ...{ mask: masked, signal: host.signal, here: tool.traceless },
        preview,
      });
      if ("question" in consent) {
        entry?.end("refused", consent.question);
        return { text: consent.question, ended: "consent", needed: consent.needed };
      }
      consented = { hold: holdTo(consent.stamp, preview), consent: consent.token };
    }
    const answer = await during((context) => tool.run(args, context), consented);
    // Masked whole: a secret that is cut in two is not known for one.
    const text = masked(answerText(answer));
    entry?.end("ok", text);
    const whole = (masked: string) => withValues(masked, answer);
    return {
      text: clip(whole(text), tool.keeps ?? "start"),
      ended: "ok",
      data: () => maskedData(answer.data, (each) => whole(masked(each))),
    };
  }

  function viewOf(where: Partial<Where>): StepView {
    return { ...options.view(where), offers: (tool) => offered.has(tool) };
  }

  /** The trace of a call, begun before anything else is done with it. */
  function trace(name: string, given: unknown, host: Host): AuditEntry | undefined {
    if (options.audit === undefined || !(options.audited === "all" || changing.has(name))) return undefined;
    const where = { namespace: textAt(given, "namespace"), cluster: textAt(given, "cluster") };
    const place = options.place(where);
    const accessor = () => options.accessor?.(where);
    const plain = every.find((tool) => tool.name === name)?.plain;
    const args = plain === undefined ? given : withoutSecrets(given, plain);
    return options.audit.begin({ tool: name, ...place, args, host: host.name, caller: host.caller, accessor });
  }

  /** Where there are several clusters, every answer says of which one it is. */
  function on(given: unknown): string {
    const [first, ...others] = options.clusters;
    if (others.length === 0) return "";
    const named = textAt(given, "cluster");
    return `Cluster ${named !== undefined && others.includes(named) ? named : first}:\n`;
  }

  async function attempt(tool: AnyTool<C> | undefined, name: string, given: unknown, host: Host): Promise<Told> {
    let entry: AuditEntry | undefined;
    const masking = options.masking();
    const where = { namespace: textAt(given, "namespace"), cluster: textAt(given, "cluster") };
    const masked = (text: string) => maskedBy(masking, text, viewOf(where));
    const begun = performance.now();
    const measure = (ended: Ended) => {
      const known = every.some((each) => each.name === name) ? name : undefined;
      options.measured?.({ tool: known, ended, ms: performance.now() - begun });
    };
    try {
      entry = trace(name, given, host);
      const told = await run(tool, name, given, host, masked, masking, entry);
      measure(told.ended);
      return { ...told, text: on(given) + told.text };
    } catch (error) {
      const refused = error instanceof Refused ? error : undefined;
      const text = masked(refused?.message ?? (await options.explain(error, where)));
      const ended = refused?.ended ?? options.failedAs(error);
      measure(ended);
      entry?.end(refused || ended === "refused" ? "refused" : "error", text);
      options.log(`${by(host)}${masked(name)} failed: ${text.split("\n", 1)[0]}`);
      return { text: on(given) + clip(text, "start"), ended, needed: refused?.needed, isError: true };
    }
  }

  function tell(name: string, given: unknown, host: Host): Promise<Told> {
    const sealed = seal(name);
    return attempt(offered.get(sealed), sealed, given, host);
  }

  return {
    get definitions() {
      const confirm = confirmSchema();
      const { clusters, library = false } = options;
      return [...offered.values()].map((tool) =>
        inSession(define(tool), confirm, { clusters, asks: asks(tool), library }),
      );
    },
    async read(name, given, host) {
      const tool = offered.get(name);
      return resultOf(await attempt(tool?.risk === "read" ? tool : undefined, name, given, host));
    },
    tell,
    offers: (tool) => offered.has(tool),
    async call(name, given, host) {
      const result = resultOf(await tell(name, given, host));
      if (greeting === undefined) return result;
      result.content.unshift({ type: "text", text: greeting });
      greeting = undefined;
      return result;
    },
  };
}

/** Who made a call, in front of a line of the log; nothing where there is but one. */
function by({ caller }: Host): string {
  return caller === undefined ? "" : `${caller.principal} (${caller.request_id}): `;
}
