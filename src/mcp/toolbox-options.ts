import type { StepView } from "../text/step.ts";
import type { AuditLog } from "./audit.ts";
import type { Codes } from "./consent-codes.ts";
import type { Where } from "./definition.ts";
import type { FailedAs, MeasuredCall } from "./ended.ts";
import type { GateNames, Gates } from "./gates.ts";
import type { Showing } from "./shown-arguments.ts";
import type { Call, Masking, Toolset } from "./tool.ts";

/** What the toolbox is told by the program, since it knows no Nomad itself. */
export interface ToolboxOptions<C extends Call> {
  readonly toolsets: readonly Toolset<C>[];
  readonly gates: Gates;
  /** What the operator calls the gates. */
  readonly gateNames: GateNames;
  /** The names of the clusters; with more than one of them every tool takes a `cluster`. */
  readonly clusters: readonly string[];
  /** Who asks the person before a destructive call: the host by itself, or this server. */
  readonly confirm: "host" | "ask";
  /** What consents are given with, where this server asks; its own where it is not said. */
  readonly codes?: Codes;
  /** Whether there is a library, of which tools take files. */
  readonly library?: boolean;
  /** Where calls leave their trace. */
  readonly audit?: AuditLog | undefined;
  /** Which calls do: those that may change something, or all. */
  readonly audited?: "changes" | "all";
  /** Told of each call once it has ended. */
  readonly measured?: ((call: MeasuredCall) => void) | undefined;
  /** How arguments are shown to people. */
  readonly showing: Showing;
  /** Makes of a call what the tools work with. `where`: the arguments that say it, as far as they were given. */
  open(call: Call, where: Where): C | Promise<C>;
  /** What a call acts on where it does not say so: how a step is told that acts elsewhere. */
  view(where: Partial<Where>): Omit<StepView, "offers">;
  /** Where a call acts, for people. */
  place(where: Where): { readonly cluster: string; readonly namespace: string };
  /** The accessor of the Nomad token of whoever calls, where there is one and it is known by now. */
  accessor?(where: Where): string | undefined;
  /** What the operator should read of an error. `where`: where the call acts, as far as it says so. */
  explain(error: unknown, where: Partial<Where>): string | Promise<string>;
  /** How a call ended that failed with this error. */
  failedAs(error: unknown): FailedAs;
  /** What takes out of the texts of one call what must not leave this process. */
  masking(): Masking;
  /** One line for the host's log. */
  log(line: string): void;
  /** Said before the first answer of the session. */
  readonly greeting?: string | undefined;
}
