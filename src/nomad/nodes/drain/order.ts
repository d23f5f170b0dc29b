import { Refusal } from "../../../api/errors/refusal.ts";
import type { Node } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { short } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { drainMessage, nodeState } from "../words.ts";

/** How a node is to be drained; what is undefined stays as it is in a drain that runs. */
export interface DrainOrder {
  /** Until the rest is ended by force, in seconds; 0: never. */
  readonly deadline: number | undefined;
  /** Ends everything at once. */
  readonly force: boolean;
  readonly keepSystem: boolean | undefined;
  readonly reason: string | undefined;
}

/** The body of a drain. `Deadline` in ns; negative: all at once. */
export interface DrainBody {
  readonly DrainSpec: { readonly Deadline: number; readonly IgnoreSystemJobs: boolean };
  readonly MarkEligible: false;
  readonly Meta?: { readonly message: string };
}

const second = 1e9;
/** As long as the command gives a drain, s. */
const usualDeadline = 3_600;

/**
 * What has to be sent so that a node drains as ordered; undefined where it drains so already, since a repeat would begin the
 * deadline anew.
 */
export function bodyOf(node: Node, { deadline, force, keepSystem, reason }: DrainOrder): DrainBody | undefined {
  const running = node.Drain ? node.DrainStrategy : undefined;
  const asked = force ? -second : deadline === undefined ? undefined : deadline * second;
  const Deadline = asked ?? running?.Deadline ?? usualDeadline * second;
  const IgnoreSystemJobs = keepSystem ?? running?.IgnoreSystemJobs ?? false;
  if (running && running.Deadline === Deadline && running.IgnoreSystemJobs === IgnoreSystemJobs) return undefined;
  const message = reason ?? (running ? drainMessage(node) : undefined);
  return {
    DrainSpec: { Deadline, IgnoreSystemJobs },
    MarkEligible: false,
    ...(message && { Meta: { message } }),
  };
}

/** @throws Refusal where a drain has nothing to move: the node is away. */
export function requireThere(nomad: NomadClient, node: Node): void {
  if (node.Status === "ready") return;
  const keep = toolOrCommand(
    nomad.in(nomad.home),
    ["set_node_eligibility", { node: node.Name, eligible: false }],
    ["node eligibility", "-disable", short(node.ID)],
  );
  throw new Refusal(
    `${node.Name} is ${nodeState(node)}: a drain moves nothing from a node that Nomad does not reach. Nothing was changed.\nNext: ${keep} keeps work from it when it is back`,
  );
}
