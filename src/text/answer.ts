import { lines } from "./words.ts";

/** A line or more of an answer; what is false, undefined or empty is left out. */
export type Section = string | false | undefined;

/**
 * What a tool answers, until it is rendered: nobody has to read a text back. Steps in it are values, too (step.ts). The texts
 * are for people and models, `data` says the same to programs.
 */
export interface Answer {
  /** What is said first: that what was asked for was found elsewhere, or by another name. */
  readonly note?: Section;
  /** The verdict: what is so, in one line. */
  readonly headline: string;
  /** The facts that support it. One that begins with a line end stands apart, such as a table. */
  readonly sections?: readonly Section[];
  /** What to do next, the best first. */
  readonly next?: readonly string[];
  /** Whether these are alternatives, which is usual, or steps of which each has its number. */
  readonly numbered?: boolean;
  /** What is worth knowing behind that, such as what runs. */
  readonly details?: readonly Section[];
  /** What may be shown although it is secret: each stands in the texts and facts as its {@link valueMark}. */
  readonly values?: readonly string[];
  /** The same facts for programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An answer of lines: the first one is its headline. */
export function answer(headline: string, ...sections: readonly Section[]): Answer {
  return { headline, sections };
}

/** The answer with words in front of its headline, as what was done stands before what became of it. */
export function following(words: string, rest: Answer): Answer {
  return { ...rest, headline: words + rest.headline };
}

/** The answer under a headline of its own: what it says first becomes the first of its facts. */
export function under(headline: string, rest: Answer): Answer {
  return { ...rest, headline, sections: [rest.headline, ...(rest.sections ?? [])] };
}

/** The answer as a text. */
export function answerText({
  note,
  headline,
  sections = [],
  next = [],
  numbered = false,
  details = [],
}: Answer): string {
  const before = sections.filter(isText);
  const last = before.at(-1) ?? "";
  const apart = last.startsWith("\n") && !last.endsWith("\n") ? "\n" : "";
  const steps = numbered && next.length > 1 ? inOrder(next) : next.join(", or ");
  return lines(note, headline, ...before, steps !== "" && `${apart}Next: ${steps}`, ...details);
}

/** What stands for the value of that index until the answer is masked. */
export const valueMark = (index: number) => `\u27e6${index}\u27e7`;

/** A masked text with the values in their places. */
export function withValues(text: string, { values = [] }: Answer): string {
  if (values.length === 0) return text;
  return text.replaceAll(/\u27e6(\d+)\u27e7/g, (mark, index: string) => values[Number(index)] ?? mark);
}

const isText = (section: Section): section is string => typeof section === "string" && section !== "";

function inOrder(steps: readonly string[]): string {
  return steps.map((step, index) => `${index === 0 ? "" : "      "}${index + 1}. ${step}`).join("\n");
}
