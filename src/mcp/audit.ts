import { randomUUID } from "node:crypto";
import { plainJson } from "../text/sealed.ts";
import { type AuditFile, reason } from "./audit-file.ts";
import { Refused } from "./refused.ts";
import { type Showing, shownArguments } from "./shown-arguments.ts";

/** Who calls: the host as it introduced itself. */
export interface HostName {
  readonly name: string;
  readonly version: string;
}

/** Who calls on a server of many, and how. */
export interface AuditedCaller {
  readonly principal: string;
  /** Whom a provider means by that name. */
  readonly subject?: string;
  /** How it is known who they are. */
  readonly auth: string;
  readonly request_id: string;
  /** The address that the request came from. */
  readonly peer?: string;
}

/** A call that leaves a trace, before it is carried out. */
export interface AuditedCall {
  readonly tool: string;
  readonly cluster: string;
  readonly namespace: string;
  /** As they came. */
  readonly args: unknown;
  readonly host?: HostName | undefined;
  readonly caller?: AuditedCaller | undefined;
  /** The id by which Nomad's own audit log names the token of whoever calls, as far as that is known by now. */
  accessor?(): string | undefined;
}

export type Outcome = "ok" | "error" | "refused";

/** The trace of one call, whose intent is in the file already. */
export interface AuditEntry {
  /** Notes what the call touched: where it sent a change, and each evaluation that came of it. */
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
  readonly showing: Showing;
  /** Told when an outcome could not be written. */
  log(line: string): void;
}

/** The first line of an answer that is no success, as far as the log needs it; in characters. */
const longestReason = 300;
/** What a host says of itself, a call of its tool and namespace and a reply of an evaluation may be anything; in characters. */
const longestName = 128;
/** A node that is made eligible brings one for each of its jobs; more than this is no reply of Nomad. */
const mostEvaluations = 1_000;

/** The audit log in a file: one JSON line for each intent and each outcome. */
export function createAudit({ file, setting, write }: AuditFile, { showing, log }: AuditOptions): AuditLog {
  const shown = (text: string, field = "", longest = longestName) => {
    try {
      return showing.mask(text, field).slice(0, longest);
    } catch {
      return "[withheld]";
    }
  };
  const shownNamespace = (namespace: string) => shown(namespace, "namespace");

  return {
    begin({ tool, cluster, namespace, args, host, caller, accessor }) {
      const id = randomUUID();
      const begun = performance.now();
      const call = {
        ...caller,
        ...{
          tool: shown(tool),
          cluster,
          namespace: shownNamespace(namespace),
          arguments: shownArguments(args, showing),
        },
        ...(host && { host: { name: shown(host.name), version: shown(host.version) } }),
      };
      const line = (phase: string, more: object) => {
        const nomad_accessor = accessor?.();
        const by = nomad_accessor && { nomad_accessor };
        return `${plainJson({ time: new Date().toISOString(), id, phase, ...call, ...by, ...more })}\n`;
      };
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
          if (change.evaluation && evaluations.size < mostEvaluations)
            evaluations.add(change.evaluation.slice(0, longestName));
        },
        end(outcome, answer) {
          if (ended) return;
          ended = true;
          const more = {
            // A job file has its own namespace, which the call need not know.
            ...(namespaces.size > 0 && { namespace: [...namespaces].map(shownNamespace).join(" ") }),
            outcome,
            // The answer is masked for whoever called, and this is read by others.
            ...(outcome !== "ok" && { reason: shown(answer.split("\n", 1)[0] ?? "", "", longestReason) }),
            evaluations: [...evaluations],
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
