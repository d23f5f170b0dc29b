/**
 * A step that an answer names: a tool of this program, the `nomad` command that does the same, or both. Which of the two is
 * told depends on what the session offers, and where the step acts on what the session does without being told; so a step
 * is a value until the answer is rendered.
 */
export interface Step {
  readonly tool?: readonly [name: string, args: Readonly<Record<string, string | number | boolean>>];
  /** The words behind `nomad`: the verb first, as one. */
  readonly command?: readonly [verb: string, ...words: string[]];
  /** Where it acts; undefined where that is no namespace. */
  readonly namespace?: string;
}

/** What depends on a tool: it is told where the session offers it, else the other text, if any. */
export interface Choice {
  readonly offered: string;
  readonly text: string;
  readonly otherwise: string;
}

/** What a session offers, and what it acts on where a call does not say so. */
export interface StepView {
  offers(tool: string): boolean;
  readonly namespace: string;
  /** The name by which a call has to ask for the cluster; undefined for that of calls that name none. */
  readonly cluster: string | undefined;
  readonly address: string;
}

/**
 * A step stands in a text between two characters that no text of others can bring in: sealing makes such characters for what
 * needs a seal only (sealed.ts), and these would stand for brackets.
 */
const open = "\u{100028}";
const close = "\u{100029}";

/** The step or choice as it stands in a text, until that is rendered. */
export function stepText(step: Step | Choice): string {
  return open + JSON.stringify(step) + close;
}

/** The step with which a text begins; undefined where it begins with words, or a choice. */
export function leadingStep(text: string): Step | undefined {
  if (!text.startsWith(open)) return undefined;
  const step: Step | Choice = JSON.parse(text.slice(open.length, endOf(text, 0)));
  return "offered" in step ? undefined : step;
}

/** A text with all of its steps in words. */
export function renderSteps(text: string, view: StepView): string {
  const from = text.indexOf(open);
  if (from < 0) return text;
  const end = endOf(text, from);
  const step: Step | Choice = JSON.parse(text.slice(from + open.length, end));
  return text.slice(0, from) + inWords(step, view) + renderSteps(text.slice(end + close.length), view);
}

/** Where the step ends that begins at `from`: in a choice there may be others. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += open.length) {
    const here = text.slice(at, at + open.length);
    if (here === open) depth++;
    else if (here === close && --depth === 0) return at;
    else if (here !== close) at -= open.length - 1;
  }
  throw new Error("a step has no end");
}

function inWords(step: Step | Choice, view: StepView): string {
  if ("offered" in step) return renderSteps(view.offers(step.offered) ? step.text : step.otherwise, view);
  const { tool, command } = step;
  const namespace = step.namespace ?? view.namespace;
  if (tool !== undefined && (command === undefined || view.offers(tool[0]))) return call(tool, namespace, view);
  return command === undefined ? "" : cli(command, namespace, view);
}

/** `get_job_logs job_id=web namespace=prod`: namespace and cluster stand there where a call without them would act on others. */
function call([name, args]: NonNullable<Step["tool"]>, namespace: string, view: StepView): string {
  const elsewhere = {
    ...(namespace !== view.namespace && { namespace }),
    ...(view.cluster !== undefined && { cluster: view.cluster }),
  };
  const words = Object.entries({ ...args, ...elsewhere }).map(([key, value]) => `${key}=${value}`);
  return [name, ...words].join(" ");
}

/** `nomad job start -namespace prod web` */
function cli([verb, ...words]: NonNullable<Step["command"]>, namespace: string, view: StepView): string {
  const elsewhere = [
    ...(view.cluster === undefined ? [] : ["-address", view.address]),
    ...(namespace === view.namespace ? [] : ["-namespace", namespace]),
  ];
  return ["nomad", verb, ...elsewhere, ...words].join(" ");
}
