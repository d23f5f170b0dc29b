import { NomadError } from "../../api/errors.ts";
import { path } from "../../api/path.ts";
import { shapedReply } from "../../api/reply-shapes.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { seal, sealValue, unseal } from "../../text/sealed.ts";

/** `GET /v1/operator/autopilot/health`. */
export interface Autopilot {
  Healthy: boolean;
  /** How many servers may fail before there is no quorum. */
  FailureTolerance: number;
  Servers:
    | {
        Name: string;
        SerfStatus: string;
        Version: string;
        Leader: boolean;
        Healthy: boolean;
        Voter: boolean;
        /** A Go duration: "12ms". */
        LastContact: string;
      }[]
    | null;
}

/** A server, by the gossip of the others. */
export interface Member {
  Name: string;
  Status: "alive" | "failed" | "left" | "leaving" | "none";
}

/** `GET /v1/operator/scheduler/configuration`. */
export interface SchedulerConfig {
  SchedulerConfig: { PauseEvalBroker?: boolean; RejectJobRegistration?: boolean } | null;
}

/** The leader's address; empty where there is none. Needs no permission, and no leader. */
export async function readLeader(nomad: NomadClient): Promise<string> {
  try {
    const text = await nomad.bytes(path`/v1/status/leader`, {}, 1024);
    return seal(text.toString("utf8").replaceAll('"', "").trim());
  } catch (error) {
    if (error instanceof NomadError && error.kind === "no_leader") return "";
    throw error;
  }
}

/** What autopilot thinks of the servers. Where it thinks ill of them, Nomad answers with 429 (reference 8.3). */
export async function readAutopilot(nomad: NomadClient): Promise<Autopilot> {
  try {
    return await nomad.get<Autopilot>(path`/v1/operator/autopilot/health`);
  } catch (error) {
    const told = error instanceof NomadError && error.kind === "unhealthy" ? objectOf(error.reply) : undefined;
    if (told === undefined) throw error;
    return { Healthy: false, FailureTolerance: 0, Servers: null, ...told };
  }
}

/** A reply that was an error and tells something all the same; undefined where it cannot be read. */
function objectOf(reply: string): Partial<Autopilot> | undefined {
  try {
    return shapedReply(
      "GET",
      "/v1/operator/autopilot/health",
      sealValue(JSON.parse(unseal(reply))),
    ) as Partial<Autopilot>;
  } catch {
    return undefined;
  }
}

export async function readMembers(nomad: NomadClient): Promise<readonly Member[]> {
  return (await nomad.get<{ Members: Member[] | null }>(path`/v1/agent/members`)).Members ?? [];
}
