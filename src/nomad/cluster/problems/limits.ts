import { NomadError } from "../../../api/errors/errors.ts";
import type { Refusal } from "../../../api/errors/refusal.ts";
import { gather } from "../../../text/gather.ts";
import { grouped } from "../../../text/words.ts";
import { given, type Part } from "../../shared/parts.ts";
import type { JobsLook, Rows } from "./look.ts";
import type { Checks } from "./read-checks.ts";

/** Where it stopped looking. */
export function notLookedAt({ jobs, nodes, blocked, away, lost, deployments, checks }: JobsLook): string | undefined {
  const cut = (part: Part<Rows<unknown>>, what: string) => {
    const rows = given(part);
    return rows && !rows.complete ? [`${grouped(rows.items.length)} of more ${what}`] : [];
  };
  const all = [
    ...cut(jobs, "jobs"),
    ...cut(nodes, "nodes"),
    ...cut(blocked, "blocked evaluations"),
    ...cut(away, "allocations that should run and do not"),
    ...cut(lost, "lost allocations"),
    ...cut(deployments, "deployments"),
    ...checksCut(given(checks)),
  ];
  return all.length > 0 ? `Not all was looked at: ${all.join(", ")}.` : undefined;
}

function checksCut(checks: Checks | undefined): string[] {
  if (checks === undefined || (checks.complete && checks.asked.length === checks.running)) return [];
  const running = `${checks.complete ? "" : "more than "}${grouped(checks.running)}`;
  return [`the checks of ${checks.asked.length} of ${running} running allocations that have some`];
}

/** What could not be looked at, and why. `servers`: their health, where it was asked for; the scheduler's setting takes the same permission. */
export function notSeen(look: JobsLook, servers?: Part<unknown>): string | undefined {
  const failed = (part: Part<unknown>, what: string, needs: string) =>
    "failed" in part ? [{ what, why: why(part.failed, needs) }] : [];
  const all = [
    ...failed(look.jobs, "jobs", "list-jobs"),
    ...failed(look.away, "allocations", "read-job"),
    ...failed(look.blocked, "evaluations", "read-job"),
    ...failed(look.deployments, "deployments", "read-job"),
    ...failed(look.nodes, "nodes", 'node { policy = "read" }'),
    ...(servers ? failed(servers, "the servers' health", 'operator { policy = "read" }') : []),
  ];
  const parts = [...gather(all, (each) => each.why)].map(
    ([why, whats]) => `${whats.map(({ what }) => what).join(", ")} (${why})`,
  );
  return parts.length > 0 ? `Not seen: ${parts.join("; ")}.` : undefined;
}

/** Why a read failed, in a few words. `needs`: what a token needs for it. */
export function why(error: NomadError | Refusal, needs: string): string {
  if (!(error instanceof NomadError)) return error.message;
  if (error.kind === "forbidden") return `the token needs ${needs}`;
  return error.kind === "cancelled" || error.kind === "timeout" ? "no answer in time" : error.reply.slice(0, 80);
}
