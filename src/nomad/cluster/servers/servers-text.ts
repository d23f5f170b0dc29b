import type { RootKey, SchedulerConfig } from "../../../endpoints/operator.ts";
import type { Answer } from "../../../text/answer.ts";
import { gather } from "../../../text/gather.ts";
import { table } from "../../../text/table.ts";
import { age, fromGoTime, fromNanoseconds } from "../../../text/time.ts";
import { all, plural, some } from "../../../text/words.ts";
import { brokerPause } from "../../evaluations/broker.ts";
import { command, ifOffered } from "../../shared/next-step.ts";
import { given, type Part } from "../../shared/parts.ts";
import { why } from "../problems/limits.ts";
import { type Quorum, quorumOf, type ServerRow } from "./quorum.ts";
import type { SeenServers } from "./see-servers.ts";

/** How the servers are, in one verdict, and what it rests on. */
export function serversAnswer(seen: SeenServers): Answer {
  const quorum = quorumOf(seen);
  const { nomad, blocked } = seen;
  const { state, words } = verdict(seen, quorum);
  const waiting = given(blocked);
  return {
    headline: words,
    sections: [
      quorum.rows.length > 0 && `\n${rows(quorum, nomad.now())}\n`,
      scheduling(given(seen.scheduler), state === "paused"),
      waiting !== undefined &&
        waiting > 0 &&
        `${plural(waiting, "evaluation")} ${waiting === 1 ? "waits" : "wait"} for room (blocked)`,
      keyring(given(seen.keys), nomad.now()),
      region(seen),
      quorum.partial.length > 0 && `Not whole, and not counted on: ${all(quorum.partial)}.`,
      notSeen(seen),
    ],
    next: steps(seen, quorum, state),
    data: {
      state,
      leader: given(seen.leader),
      servers: quorum.rows.map(({ name, state: status, leads, votes, healthy, version }) => ({
        ...{ name, status, leads, votes, healthy, version },
      })),
      may_fail: quorum.reserve,
      blocked_evaluations: waiting,
    },
  };
}

/** The worst of what is so. `unknown`: what would tell could not be read. */
type State = "no leader" | "paused" | "unhealthy" | "degraded" | "healthy" | "unknown";

function verdict(seen: SeenServers, quorum: Quorum): { readonly state: State; readonly words: string } {
  const { voters, alive, reserve } = quorum;
  const leader = given(seen.leader);
  const failed = quorum.rows.filter(isLost);
  const ill = quorum.rows.filter((row) => row.healthy === false && !isLost(row));
  const count = plural(quorum.rows.length, "server");
  const led = leaderName(seen, quorum);
  if (leader === "") {
    const needed =
      voters === undefined
        ? ""
        : `: ${alive} of ${voters} servers ${alive === 1 ? "is" : "are"} alive, ${majority(voters)} must be`;
    return { state: "no leader", words: `The servers have no leader, so nothing is scheduled or changed${needed}` };
  }
  const lost = `${failed.length} of ${count} ${failed.length === 1 ? "has" : "have"} failed (${names(failed)})`;
  if (given(seen.scheduler)?.SchedulerConfig?.PauseEvalBroker) {
    const servers = failed.length > 0 ? lost : count;
    return { state: "paused", words: `Nothing is scheduled: the evaluation broker is paused (${servers}${led})` };
  }
  const next = reserveWords(quorum);
  if (ill.length > 0) {
    const behind = `${ill.length} of ${count} ${ill.length === 1 ? "is" : "are"} not healthy (${names(ill)})`;
    const also = failed.length > 0 ? `, ${lost}` : "";
    return { state: "unhealthy", words: `Not healthy: ${behind}${also}${led}${next}` };
  }
  if (failed.length > 0) return { state: "degraded", words: `Degraded: ${lost}${led}${next}` };
  if (given(seen.autopilot)?.Healthy === false) {
    return { state: "unhealthy", words: `Not healthy: autopilot says so of ${count} and names none${led}${next}` };
  }
  if (leader === undefined || reserve === undefined) {
    const known = quorum.rows.length > 0 ? `${count}${led}; ` : "";
    return { state: "unknown", words: `Not known: ${known}who of them is alive, or has a say, was not told` };
  }
  return { state: "healthy", words: `Healthy: ${count}${led}${next}` };
}

const majority = (voters: number) => Math.floor(voters / 2) + 1;
const isLost = ({ state }: ServerRow) => state !== "alive" && state !== "unknown";
const names = (found: readonly ServerRow[]) =>
  some(
    found.map(({ name }) => name),
    5,
  );

function leaderName({ leader }: SeenServers, { rows }: Quorum): string {
  const name = rows.find(({ leads }) => leads)?.name ?? given(leader);
  return name ? `, leader ${name}` : "";
}

function reserveWords({ voters, reserve }: Quorum): string {
  if (reserve === undefined) return "; how many may fail is not known";
  if (voters === 1) return "; there is no other, so if it fails nothing is scheduled or changed";
  if (reserve <= 0) return "; one more loss and there is no leader";
  return `; ${reserve} may fail, with one more there is no leader`;
}

function rows({ rows: found }: Quorum, now: number): string {
  const cells = found.map((row) => {
    const since = fromGoTime(row.stableSince);
    const state = row.healthy === false && row.state === "alive" ? "alive, not healthy" : row.state;
    return [
      row.name,
      state,
      row.leads ? "leader" : row.votes === undefined ? "" : row.votes ? "votes" : "no vote",
      row.version,
      row.leads ? "" : contact(row.lastContact),
      since === undefined ? "" : age(since, now),
    ];
  });
  return table(["server", "state", "role", "version", "last contact", "so for"], cells);
}

/** Go is exact to the nanosecond: "7.683424ms". */
const contact = (text: string) => text.replace(/^(\d+)(\.\d+)?(ms|s)$/, "$1$3").replace(/^[\d.]+[µn]s$/, "<1ms");

function scheduling(config: SchedulerConfig | undefined, paused: boolean): string {
  const set = config?.SchedulerConfig;
  if (set == null) return "";
  const preempts = Object.entries(set.PreemptionConfig ?? {}).flatMap(([key, on]) => {
    const [, type] = /^(\w+)SchedulerEnabled$/.exec(key) ?? [];
    return on === true && type !== undefined ? [type.toLowerCase()] : [];
  });
  const parts = [
    set.SchedulerAlgorithm || "binpack",
    preempts.length > 0 ? `${all(preempts.sort())} jobs may preempt others` : "no preemption",
    set.MemoryOversubscriptionEnabled && "memory oversubscription on",
    set.RejectJobRegistration && "job registration is closed to all but management tokens",
    paused && "evaluation broker paused",
  ].filter((each) => typeof each === "string");
  return `Scheduler: ${parts.join(", ")}`;
}

function keyring(keys: readonly RootKey[] | undefined, now: number): string {
  if (keys === undefined) return "";
  const [active] = keys.filter(({ State }) => State === "active");
  const others = keys.filter((key) => key !== active);
  const kept = others.length > 0 ? `, ${plural(others.length, "other")} kept` : "";
  if (active === undefined) return `Keyring: no key is active${kept}: variables and identities cannot be made`;
  const made = fromNanoseconds(active.CreateTime);
  return `Keyring: the active key is ${made === undefined ? "there" : `${age(made, now)} old`}${kept}`;
}

function region({ nomad, members, regions }: SeenServers): string {
  const own = nomad.region ?? given(members)?.ServerRegion;
  const others = (given(regions) ?? []).filter((each) => each !== own);
  if (own === undefined) return others.length > 0 ? `Regions: ${all(others)}` : "";
  return `Region: ${own}${others.length > 0 ? `; others: ${all(others)}` : ""}`;
}

function notSeen(seen: SeenServers): string {
  const failed = (one: Part<unknown>, what: string, needs: string) =>
    "failed" in one ? [{ what, why: why(one.failed, needs) }] : [];
  const operatorRead = 'operator { policy = "read" }';
  const found = [
    ...failed(seen.leader, "the leader", ""),
    ...failed(seen.autopilot, "autopilot", operatorRead),
    ...failed(seen.scheduler, "the scheduler's configuration", operatorRead),
    ...failed(seen.members, "members", 'node { policy = "read" }'),
    ...failed(seen.peers, "Raft's peers", ""),
    ...failed(seen.blocked, "evaluations", "read-job"),
    ...failed(seen.keys, "the keyring", "to be a management token"),
  ];
  if (found.length === 0) return "";
  // Without a leader the others were not waited for.
  if (given(seen.leader) === "") return `Once they have one, ${all(found.map(({ what }) => what))} can be read.`;
  const parts = [...gather(found, (each) => each.why)].map(
    ([reason, each]) => `${all(each.map(({ what }) => what))} (${reason})`,
  );
  return `Not seen: ${parts.join("; ")}.`;
}

function steps({ nomad, blocked }: SeenServers, { rows: found }: Quorum, state: State): string[] {
  const home = nomad.in(nomad.home);
  const failed = found.filter(isLost);
  const [first] = failed;
  const paused = state === "paused" ? [brokerPause(home).next] : [];
  const back =
    first === undefined
      ? []
      : [
          `start ${names(failed)} again; for one that is gone for good put in another (${command(home, "server force-leave", first.name)} forgets it)`,
        ];
  const ill = state === "unhealthy" && first === undefined ? [command(home, "operator autopilot health")] : [];
  const waits =
    given(blocked) && state !== "no leader"
      ? [ifOffered("find_problems", "find_problems says what waits for room, and why", "")]
      : [];
  return [...paused, ...back, ...ill, ...waits].filter(Boolean);
}
