import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { unseal } from "../../../text/sealed.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { lines, plural } from "../../../text/words.ts";
import { wordsAt } from "./text-position.ts";

/** What was given to Nomad's parser. */
export interface ParsedText {
  readonly hcl: string;
  readonly variables: string;
}

/** One complaint of the parser. It calls both texts input.hcl, so which one is meant follows from its words. */
interface Complaint {
  readonly text: "file" | "variables" | "either";
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly words: string;
}

const mostComplaints = 5;

/**
 * What the operator should read where `POST /v1/jobs/parse` refused the text: each complaint with its line and column,
 * and the line itself. Any other error is given back as it is.
 */
export function parseError(error: unknown, text: ParsedText): unknown {
  if (!(error instanceof NomadError) || !error.reply.includes("Failed to parse job")) return error;
  const all = complaints(unseal(error.reply), text.variables !== "");
  // What could not be evaluated for another reason is complained of again, as a value that is not known.
  const own = all.filter(({ words }) => !words.includes("value must be known"));
  const told = own.length > 0 ? own : all;
  return new Refusal(
    lines(
      "Nomad's parser refuses the job file. Nothing was submitted.",
      ...told.slice(0, mostComplaints).map((complaint) => tell(complaint, text)),
      told.length > mostComplaints && `and ${plural(told.length - mostComplaints, "complaint")} more`,
      cure(error.reply, text),
    ),
  );
}

const place = /^(?:(?:input\.hcl:(\d+),(\d+)(?:-(?:\d+,)?\d+)?|<nil>): )(.*)$/;

function complaints(reply: string, hasVariables: boolean): Complaint[] {
  const content = "unable to parse var content: ";
  const inVariables = reply.includes(content);
  const found: Complaint[] = [];
  for (const line of reply
    .replace(/^.*?Failed to parse job: /s, "")
    .replace(content, "")
    .split("\n")) {
    const [, row, column, words] = place.exec(line) ?? [];
    const last = found.at(-1);
    if (words !== undefined) {
      const text = inVariables ? "variables" : hasVariables ? textOf(words) : "file";
      found.push({ text, line: number(row), column: number(column), words });
    } else if (last === undefined) {
      found.push({ text: "either", line: undefined, column: undefined, words: line });
    } else if (line.trim() !== "") {
      found[found.length - 1] = { ...last, words: `${last.words} ${line.trim()}` };
    }
  }
  return found;
}

const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** Which text a complaint is about where there are both (jobspec2/types.variables.go). */
function textOf(words: string): Complaint["text"] {
  if (/^Invalid value for (varfile )?variable|^Variable declaration in a \.var file/.test(words)) return "variables";
  return /^(Function calls|Variables) not allowed|^Unexpected ".*" block/.test(words) ? "either" : "file";
}

function tell({ text, line, column, words }: Complaint, given: ParsedText): string {
  const said = quotedLine(plain(words), 400);
  if (line === undefined) return said;
  const where = { file: "", variables: " of variables", either: " of the job file or of variables" }[text];
  const source = text === "either" ? "" : wordsAt(text === "file" ? given.hcl : given.variables, line, column ?? 1);
  return lines(`line ${line}, column ${column}${where}: ${said}`, source && `  ${line}: ${source}`);
}

/** The parser's words, without what sends the reader elsewhere. */
function plain(words: string): string {
  const undeclared = /^Undefined variable; A "([^"]*)" variable was set/.exec(words)?.[1];
  if (undeclared !== undefined) return `variables sets ${undeclared}, which the job file does not declare`;
  return words.replace(/; see https:\S+ +for details\./, ".");
}

function cure(reply: string, { hcl }: ParsedText): string | undefined {
  const unset = /Unset variable "([^"]*)"/.exec(reply)?.[1];
  if (unset !== undefined) return `Next: give it a value in variables, such as ${unset} = "..."`;
  const undeclared = /This object does not have an attribute named "([^"]*)"/.exec(reply)?.[1];
  if (undeclared !== undefined && hcl.includes(`var.${undeclared}`)) {
    return `Next: declare it in the job file: variable "${undeclared}" {}`;
  }
  if (!reply.includes("filesystem function disabled")) return undefined;
  const name = /Call to function "(\w+)" failed/.exec(reply)?.[1] ?? "file";
  return `Nomad's server reads no files, so ${name}() works only in the nomad command: put the file's content into the job file in its place (<<EOF ... EOF).`;
}
