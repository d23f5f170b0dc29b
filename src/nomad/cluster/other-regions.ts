import { NomadError } from "../../api/errors/errors.ts";
import { literal } from "../../api/request/path.ts";
import { jobs } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { all, some } from "../../text/words.ts";
import { ifGiven } from "../shared/parts.ts";
import { type Regions, readRegions } from "./regions.ts";

/** A region is far away, and may be lost: its servers are waited for so long, in ms. */
const patience = 3_000;
/** So many are asked for a job. */
const mostAsked = 5;

/** That what was not found may be in another region; empty where there is none. Up to two requests. */
export async function unseenRegions(nomad: NomadClient): Promise<string> {
  const regions = await ifGiven(readRegions(nomad));
  return regions === undefined ? "" : unseen(regions, regions.others);
}

/** What is known of a job in other regions. */
interface Elsewhere {
  /** True where one of them has it. */
  readonly found: boolean;
  /** A sentence; empty where no region can have it. */
  readonly text: string;
}

/** Whether other regions have a job of this id. One request to each of up to five of them, none where there is but one region. */
export async function jobElsewhere(nomad: NomadClient, jobId: string): Promise<Elsewhere> {
  const regions = await ifGiven(readRegions(nomad));
  if (regions === undefined) return { found: false, text: "" };
  if (regions.own === undefined) return { found: false, text: unseen(regions, regions.others) };
  const asked = regions.others.slice(0, mostAsked);
  const bounded = nomad.within(AbortSignal.timeout(patience));
  const answers = await Promise.all(asked.map((region) => isThere(bounded, jobId, region)));
  const has = asked.filter((_, index) => answers[index] === true);
  const [first] = has;
  if (first !== undefined) {
    const text = `${here(regions)}, and there is one in ${all(has)}: a server with NOMAD_REGION=${first} sees it.`;
    return { found: true, text };
  }
  const silent = asked.filter((_, index) => answers[index] === undefined);
  return { found: false, text: unseen(regions, [...silent, ...regions.others.slice(mostAsked)]) };
}

const here = ({ own }: Regions) => (own === undefined ? "This server works in one region" : `This is region ${own}`);

function unseen(regions: Regions, names: readonly string[]): string {
  return names.length === 0 ? "" : `${here(regions)}: what is in ${some(names, 5)} is not seen here.`;
}

/** Undefined where the region does not say. */
async function isThere(bounded: NomadClient, jobId: string, region: string): Promise<boolean | undefined> {
  try {
    const query = { region, namespace: "*", filter: `ID == ${literal(jobId)}`, per_page: 1 };
    return (await bounded.list(jobs.list, query)).items.length > 0;
  } catch (error) {
    if (error instanceof NomadError) return undefined;
    throw error;
  }
}
