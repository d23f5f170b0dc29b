import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { isAbsolute } from "node:path";
import { plainJson } from "../text/sealed.ts";
import { Refused } from "./refused.ts";
import { type Showing, shownArguments } from "./shown-arguments.ts";

/** Who calls: the host as it introduced itself. */
export interface HostName {
  readonly name: string;
  readonly version: string;
}

/** A call that changes something, before it is carried out. */
export interface AuditedCall {
  readonly tool: string;
  readonly cluster: string;
  readonly namespace: string;
  /** As they came. */
  readonly args: unknown;
  readonly host?: HostName | undefined;
}

export type Outcome = "ok" | "error" | "refused";

/** The trace of one call, whose intent is in the file already. */
export interface AuditEntry {
  /** Notes what the call touched: where it sent a change, and the evaluation that came of it. */
  note(change: { readonly namespace: string; readonly evaluation?: string | undefined }): void;
  /** Writes the outcome; the first one counts. Never throws: what was done is done, and has to be answered. */
  end(outcome: Outcome, answer: string): void;
}

export interface AuditLog {
  /**
   * Writes that a call is about to be carried out. When this returns, the line is with the kernel, so that a kill of this
   * process leaves a trace.
   *
   * @throws Refused where the file cannot be written: nothing may be sent then.
   */
  begin(call: AuditedCall): AuditEntry;
}

export interface AuditOptions {
  /** The full path of the file. */
  readonly file: string;
  /** What the operator calls the setting that names it. */
  readonly setting: string;
  readonly showing: Showing;
  /** Told when an outcome could not be written. */
  log(line: string): void;
}

/** The first line of an answer that is no success, as far as the log needs it; in characters. */
const longestReason = 300;
/** What a host says of itself and a call of its namespace may be anything; in characters. */
const longestName = 128;

/** Opens the audit log, one JSON line for each intent and each outcome. @throws Refused where it cannot be written. */
export function openAudit({ file, setting, showing, log }: AuditOptions): AuditLog {
  const write = appender(file, setting, log);
  const shownName = (namespace: string) => {
    try {
      return showing.mask(namespace, "namespace").slice(0, longestName);
    } catch {
      return "[withheld]";
    }
  };

  return {
    begin({ tool, cluster, namespace, args, host }) {
      const id = randomUUID();
      const begun = performance.now();
      const call = {
        ...{ tool, cluster, namespace: shownName(namespace), arguments: shownArguments(args, showing) },
        ...(host && { host: { name: host.name.slice(0, longestName), version: host.version.slice(0, longestName) } }),
      };
      const line = (phase: string, more: object) =>
        `${plainJson({ time: new Date().toISOString(), id, phase, ...call, ...more })}\n`;
      try {
        write(line("intent", {}));
      } catch (error) {
        throw new Refused(
          `Nothing was sent to Nomad: the audit log cannot be written (${reason(error)}), and without it this server changes nothing. It is ${setting}, ${file}.`,
        );
      }
      const namespaces = new Set<string>();
      const evaluations = new Set<string>();
      let ended = false;
      return {
        note(change) {
          namespaces.add(change.namespace);
          if (change.evaluation) evaluations.add(change.evaluation);
        },
        end(outcome, answer) {
          if (ended) return;
          ended = true;
          const more = {
            // A job file has its own namespace, which the call need not know.
            ...(namespaces.size > 0 && { namespace: [...namespaces].map(shownName).join(" ") }),
            outcome,
            ...(outcome !== "ok" && { reason: answer.split("\n", 1)[0]?.slice(0, longestReason) }),
            evaluations: evaluations.size > 0 ? [...evaluations] : evaluationsIn(answer),
            duration_ms: Math.round(performance.now() - begun),
          };
          try {
            write(line("outcome", more));
          } catch (error) {
            log(`the outcome of ${tool} (${outcome}) is missing in the audit log ${file}: ${reason(error)}`);
          }
        },
      };
    },
  };
}

/** The evaluations that an answer names, as far as it prints their ids. */
function evaluationsIn(answer: string): string[] {
  const named = answer
    .slice(0, 40_000)
    .matchAll(/\bevaluation ([0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?)\b/gi);
  return [...new Set([...named].map(([, id = ""]) => id))].slice(0, 20);
}

/**
 * Appends lines to a file, each in one write and on a line of its own; a file that was rotated away is opened anew. `log` is
 * told of links: who may set one decides where the trace goes.
 */
function appender(file: string, setting: string, log: (line: string) => void): (line: string) => void {
  let open: { readonly descriptor: number; readonly stats: Stats } | undefined;

  function reopen(): number {
    if (open !== undefined) closeSync(open.descriptor);
    open = undefined;
    // Opening a pipe that nobody reads would never return.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new Error("it is no ordinary file");
    const descriptor = openSync(file, "a+", 0o600);
    const stats = fstatSync(descriptor);
    const fault = othersMayWrite(stats);
    if (fault !== undefined) {
      closeSync(descriptor);
      throw new Untrusted(fault);
    }
    if (lstatSync(file).isSymbolicLink()) log(`the audit log ${file} is a link to ${realpathSync(file)}`);
    if (stats.nlink > 1) log(`the audit log ${file} has ${stats.nlink} names (hard links)`);
    open = { descriptor, stats };
    return descriptor;
  }

  /** True where the last record was cut off, by a full disk or a kill. */
  function isTorn(descriptor: number): boolean {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== newline;
  }

  function descriptorOfNow(): number {
    const now = statSync(file, { throwIfNoEntry: false });
    const same = now?.ino === open?.stats.ino && now?.dev === open?.stats.dev && now?.mode === open?.stats.mode;
    return same && open !== undefined ? open.descriptor : reopen();
  }

  if (!isAbsolute(file)) {
    throw new Refused(
      `${setting}: ${JSON.stringify(file)} is no full path, and hosts start this server anywhere: name one such as /var/log/nomad-mcp.log.`,
    );
  }
  try {
    reopen();
  } catch (error) {
    if (error instanceof Untrusted) throw new Refused(`${setting}: ${file} proves nothing: ${error.message}.`);
    throw new Refused(
      `${setting}: ${file} cannot be written (${reason(error)}). Name a file in a directory that this user may write to, or unset it.`,
    );
  }
  return (line) => {
    const descriptor = descriptorOfNow();
    const bytes = Buffer.from(isTorn(descriptor) ? `\n${line}` : line);
    const written = writeSync(descriptor, bytes);
    if (written < bytes.length) throw new Error("only a part of the line could be written: is the disk full?");
  };
}

const newline = 0x0a;

class Untrusted extends Error {}

/** Why a file is no trace to rely on; undefined where only its owner, who is this user or root, may write to it. */
function othersMayWrite({ mode, uid }: Stats): string | undefined {
  // Windows has no such mode.
  if (process.platform === "win32") return undefined;
  if ((mode & 0o022) !== 0) return "others may write to it (chmod go-w takes that from them)";
  return uid === 0 || uid === process.getuid?.() ? undefined : "it belongs to another user";
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.code}` : error.message;
}
