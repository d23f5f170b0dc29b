import { clean, quotedLine } from "../../text/untrusted.ts";
import { type FailedRequest, type NamedSetting, NomadError, settingsOfVariables } from "./errors.ts";
import { Refusal } from "./refusal.ts";
import { meaningOf } from "./table.ts";

/** What was found out about the token of a request that was refused. */
export interface TokenLook {
  /** What the refusal comes from, and what to do; undefined where it is about what the token may do. */
  readonly meaning?: string;
  /** What it has, said behind what it needs. */
  readonly has?: string;
}

/**
 * What the operator should read of any error of a call: what happened, what it means, what to do. `token`: what was found
 * out about it, where that was asked. Our own mistakes say that they are ours.
 */
export function explain(error: unknown, token?: TokenLook): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof NomadError)) {
    return `This is a mistake in nomad-mcp itself, not in Nomad: ${quotedLine(error instanceof Error ? error.message : String(error), longestReply)}`;
  }
  const { request, status } = error;
  const words = toldOf(error);
  const said = status === undefined || words.startsWith(`${status} `) ? words : `${status} ${words}`.trim();
  const what = `${request.method} ${request.path}`;
  if (error.mayHaveHappened) {
    return `${what} may have happened: ${status === undefined ? `its answer was lost (${said})` : said}\nLook before you repeat it${request.shown ? `: \`${request.shown}\`` : ""}.`;
  }
  return [
    `${what} failed: ${said || "no reason given"}`,
    withSettingNames(token?.meaning ?? meaningOf(error, token !== undefined), request.settingName),
    token?.meaning === undefined ? token?.has : undefined,
  ]
    .filter(Boolean)
    .join("\n");
}

/** More than this of a reply tells an operator nothing more, in characters. */
const longestReply = 2_000;

/** What of a reply is worth reading. The object that a conflict was about may have secrets in it. */
function toldOf({ kind, reply }: NomadError): string {
  if (kind === "not_nomad") return firstWords(reply);
  if (kind === "conflict" && reply.startsWith("{")) return "Conflict";
  // In one line, whatever it is: a proxy and the names in an error can say anything.
  const known = quotedLine(reply, Number.POSITIVE_INFINITY);
  return known.length <= longestReply ? known : `${known.slice(0, longestReply).toWellFormed()} ... (cut)`;
}

/** The title of a page, or the text in it. */
function firstWords(html: string): string {
  const start = html.slice(0, 16_384);
  const title = /<title>([^<]{1,120})/i.exec(start)?.[1];
  const words = title ?? start.replaceAll(/<[^<>]{0,200}>/g, " ");
  return clean(words).replaceAll(/\s+/g, " ").trim().slice(0, 120).toWellFormed();
}

const named = new RegExp(`\\b(?:${Object.keys(settingsOfVariables).join("|")})\\b`, "g");

/** A sentence with the settings named as the operator calls them. */
function withSettingNames(text: string, settingName: FailedRequest["settingName"]): string {
  const keys: Readonly<Record<string, NamedSetting>> = settingsOfVariables;
  return text.replaceAll(named, (variable) => (keys[variable] && settingName?.(keys[variable])) ?? variable);
}
