import { createHash } from "node:crypto";
import { type CodeFault, type Codes, createCodes } from "./consent-codes.ts";
import type { Elicit, Rounds, Said } from "./elicit.ts";
import type { Needed } from "./ended.ts";
import { Refused } from "./refused.ts";
import { type Showing, shownArguments } from "./shown-arguments.ts";

/** What a person is shown before a call is carried out. */
export interface Preview {
  /** What will happen, in lines. */
  readonly text: string;
  /** The state to which the consent is bound, such as the job's modify index: it does not hold for another one. */
  readonly stamp: string;
}

/** A call for which a person's consent is needed. */
export interface ConsentRequest {
  readonly tool: string;
  /** The arguments as the tool gets them, without the code. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The code that came with the call. */
  readonly code?: string | undefined;
  /** Whether a code holds only with the replica that gives it: see the tool's `traceless`. */
  readonly here?: boolean | undefined;
  /** Looks at what the call would do now. */
  preview(): Promise<Preview>;
  /** Has the host ask its person; undefined where it cannot. */
  readonly elicit?: Elicit | undefined;
  /** The same where it asks between two calls. */
  readonly rounds?: Rounds | undefined;
  /** Makes of a text what may leave this process. */
  mask(text: string): string;
  readonly signal: AbortSignal;
}

/**
 * The stamp of what the person consented to, and what stands for the code that brought the consent; or the answer to give instead, where a second call
 * has to bring it: with a code for that, unless the host was handed the question.
 */
export type Consent =
  | { readonly stamp: string; readonly token?: string }
  | { readonly question: string; readonly needed?: Needed };

/** Consents of one caller. */
export interface Consents {
  /**
   * Asks for the consent to exactly this call in the state of now. It is for that state alone: see {@link holdTo}.
   *
   * @throws Refused where the person said no, or the code does not hold.
   */
  obtain(request: ConsentRequest): Promise<Consent>;
}

/**
 * What carries a consent into the change that follows it: looks once more, before the first change is sent, whether what
 * the call is about is as it was when the person saw it.
 *
 * @throws Refused, each time, where it is not.
 */
export function holdTo(stamp: string, preview: () => Promise<Preview>): () => Promise<void> {
  let looked: Promise<void> | undefined;
  const look = async () => {
    if ((await preview()).stamp === stamp) return;
    throw new Refused(
      "What the call is about has changed since the person was asked. Nothing was changed by this call: call again to ask about it as it is now.",
    );
  };
  return () => {
    looked ??= look();
    return looked;
  };
}

const longestQuestion = 4_000;

export function createConsents(codes: Codes = createCodes()): Consents {
  return {
    async obtain({ tool, args, code: given, here, preview, elicit, rounds, mask, signal }) {
      const { text, stamp } = await preview();
      const call = digest([tool, args]);
      const code = given?.trim().toLowerCase();
      const shown = cut(mask(text));
      const fault = code === undefined ? undefined : codes.redeem(code, call, stamp, here);
      if (code !== undefined && fault === undefined) return { stamp, token: digest([code]) };

      const asked = `${shown}\n\nDo this?`;
      if (rounds !== undefined) return inRounds(rounds, { codes, call: digest(["asked", call]), stamp, here, asked });
      const said = elicit === undefined ? "unable" : await elicit(asked, signal);
      if (said === "yes") return { stamp };
      if (said !== "unable") throw refusal(said);

      const needed = { preview: shown, code: codes.give(call, stamp, here) };
      const question = `${shown}\nShow this to the person. If they agree, call ${tool} again with the same arguments and confirm=${needed.code} (once, within 5 minutes).`;
      if (fault !== undefined) {
        throw new Refused(
          `${fault === "changed" && here ? elsewhere("code") : codeFaults[fault]}. Nothing was changed. It would do this now:\n${question}`,
          "consent",
          needed,
        );
      }
      return { question: `Not done yet: ${tool} needs the consent of the person.\n${question}`, needed };
    },
  };
}

/** What a question of a round is about. */
interface Asking {
  readonly codes: Codes;
  readonly call: string;
  readonly stamp: string;
  readonly here: boolean | undefined;
  readonly asked: string;
}

/** Hands the question over, or takes the answer to it: the state is a code that holds for nothing but that answer. */
function inRounds({ answer, ask }: Rounds, { codes, call, stamp, here, asked }: Asking): Consent {
  if (answer === undefined) {
    ask(asked, codes.give(call, stamp, here));
    return { question: "Not done yet: the host asks the person." };
  }
  if (answer.said !== "yes") throw refusal(answer.said);
  const fault = codes.redeem(answer.state, call, stamp, here);
  if (fault === undefined) return { stamp, token: digest([answer.state]) };
  const why = fault === "changed" && here ? elsewhere("answer") : answerFaults[fault];
  throw new Refused(`${why}. Nothing was changed. Call again to have the person asked anew.`);
}

/** Cut at a line's end, and said so: who consents must know that there is more. */
function cut(text: string): string {
  if (text.length <= longestQuestion) return text;
  const end = text.lastIndexOf("\n", longestQuestion);
  return `${text.slice(0, end > 0 ? end : longestQuestion)}\n(cut here: there is more than fits into a question)`;
}

/** The preview of a tool that has none of its own: its title, where it acts, and the arguments. Bound to those alone. */
export function plainPreview(
  { name, title }: { readonly name: string; readonly title: string },
  args: Readonly<Record<string, unknown>>,
  { cluster, namespace }: { readonly cluster: string; readonly namespace: string },
  showing: Showing,
): Preview {
  const shown = shownArguments(args, showing);
  const lines =
    typeof shown === "object" && shown !== null
      ? Object.entries(shown).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`)
      : [`  arguments: ${String(shown)}`];
  return { text: [`${title} (${name}), namespace ${namespace}, cluster ${cluster}:`, ...lines].join("\n"), stamp: "" };
}

function refusal(said: Exclude<Said, "yes" | "unable">): Refused {
  return new Refused(`${refusals[said]} Nothing was changed.`);
}

/** What leaves no trace is done by that replica alone which asked. */
const elsewhere = (what: "code" | "answer") =>
  `That ${what} holds only with the replica of this server that ${what === "code" ? "gave it" : "asked"}, or what the call is about has changed since`;

const codeFaults: Readonly<Record<CodeFault, string>> = {
  unknown: "That code is unknown or older than 5 minutes",
  used: "That code was used already",
  "other call": "That code was given for another call: tool and arguments must be the same",
  changed: "What the call is about has changed since the code was given",
};

const answerFaults: Readonly<Record<CodeFault, string>> = {
  unknown: "The person's answer is to no question of this server, or came more than 5 minutes after it",
  used: "The person's answer was used already",
  "other call": "The person's answer is to the question of another call: tool and arguments must be the same",
  changed: "What the call is about has changed since the person was asked",
};

const refusals = {
  no: "The person said no. Do not try this again unless they ask for it.",
  dismissed: "The person closed the question without an answer. Ask them before trying again.",
  nobody: "Nobody answered the question within 5 minutes.",
} as const;

/** The same for the same values, in whatever order the keys stand. Of a job file only this is kept. */
function digest(value: unknown): string {
  const sorted = JSON.stringify(value, (_, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([one], [other]) => (one < other ? -1 : 1)))
      : held,
  );
  return createHash("sha256").update(sorted).digest("base64");
}
