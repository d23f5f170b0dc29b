import type { Autopilot } from "../../../endpoints/operator.ts";
import { all, plural } from "../../../text/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { given } from "../../shared/parts.ts";
import { setStep } from "../scheduler/settings.ts";
import type { Look } from "./look.ts";
import type { Problem } from "./problem.ts";

/** What gives cause for concern in the servers. */
export function serverProblems({ nomad, leader, autopilot, members, scheduler }: Look): Problem[] {
  const problems: Problem[] = [];
  const add = (rank: Problem["rank"], sentence: string, next?: string) =>
    problems.push({ rank, sentence, jobs: [], ...(next && { next }) });
  const look = (words: string) => toolOrCommand(nomad.in(nomad.home), ["get_server_health", {}], [words]);
  const gone = (given(members) ?? []).filter(({ Status }) => Status === "failed").map(({ Name }) => Name);
  if (given(leader) === "") {
    add("servers", "the servers have no leader: nothing is scheduled, read or changed", look("server members"));
  }
  const health = given(autopilot);
  if (health && !health.Healthy)
    add("servers", `the servers are not healthy: ${unhealthy(health)}`, look("operator autopilot health"));
  else if (gone.length > 0) {
    add("servers", `${plural(gone.length, "server")} failed: ${all(gone)}`, look("server members"));
  }
  const config = given(scheduler)?.SchedulerConfig;
  if (config?.PauseEvalBroker) {
    const resume = setStep(nomad, "pause_eval_broker", "off");
    add("servers", "the evaluation broker is paused: nothing is scheduled", resume);
  }
  if (config?.RejectJobRegistration)
    add("notice", "job registration is closed to all but management tokens (RejectJobRegistration)");
  const voters = (health?.Servers ?? []).filter(({ Voter }) => Voter);
  if (health?.Healthy && voters.length === 2)
    add("notice", "there are 2 servers: if either fails, the cluster has no leader");
  const versions = [...new Set((health?.Servers ?? []).map(({ Version }) => Version))].sort();
  if (versions.length > 1) add("notice", `the servers run different versions: ${all(versions)}`);
  return problems;
}

function unhealthy({ Servers, FailureTolerance }: Autopilot): string {
  const bad = (Servers ?? []).filter(({ Healthy }) => !Healthy);
  const named = bad.map(({ Name, SerfStatus, LastContact }) =>
    SerfStatus === "alive" ? `${Name} is behind (last contact ${LastContact})` : `${Name} is ${SerfStatus}`,
  );
  const rest = FailureTolerance > 0 ? `${FailureTolerance} more may fail` : "no other may fail";
  return `${named.length > 0 ? all(named) : "autopilot names none"}; ${rest}`;
}
