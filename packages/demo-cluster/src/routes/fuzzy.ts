import { serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import type { Job } from "../state/job-types.ts";
import type { World } from "../world.ts";
import { inNamespace, only } from "./lists.ts";

/** Nomad's `limit_query`: so many jobs are looked at, whether they match or not. What lies behind them is never found. */
const MOST_LOOKED_AT = 20;

interface Match {
  ID: string;
  Scope?: string[];
}

/** POST /v1/search/fuzzy: names that contain a text, as far as the first jobs go. */
export function fuzzySearch({ store }: World, call: Call): Reply {
  only(call, "POST", "PUT");
  const { Text = "", Context = "all" } = JSON.parse(call.body || "{}") as { Text?: string; Context?: string };
  if ([...Text].length < 2)
    throw serverError(`fuzzy search query must be at least 2 characters, got ${[...Text].length}`);
  const text = Text.toLowerCase();
  const here = inNamespace(call);
  const holds = (name: string) => name.toLowerCase().includes(text);
  const key = ({ Namespace, ID }: { Namespace: string; ID: string }) => `${Namespace}\0${ID}`;
  const inOrder = [...store.jobs.values()].filter(here).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const contexts: Record<string, () => Record<string, Match[]>> = {
    jobs: () => {
      const found: Record<string, Match[]> = {};
      for (const job of inOrder.slice(0, MOST_LOOKED_AT))
        for (const [kind, match] of namesIn(job)) {
          if (!holds(match.ID)) continue;
          found[kind] ??= [];
          found[kind].push(match);
        }
      return found;
    },
    allocs: () => ({
      allocs: [...store.allocs.values()]
        .filter((alloc) => here(alloc) && holds(alloc.Name))
        .map(({ ID, Name, Namespace }) => ({ ID: Name, Scope: [Namespace, ID] })),
    }),
    nodes: () => ({
      nodes: [...store.nodes.values()]
        .filter(({ Name }) => holds(Name))
        .map(({ ID, Name }) => ({ ID: Name, Scope: [ID] })),
    }),
    namespaces: () => ({ namespaces: [...store.shelf.namespaces.keys()].filter(holds).map((ID) => ({ ID })) }),
    node_pools: () => ({ node_pools: ["all", "default"].filter(holds).map((ID) => ({ ID })) }),
    // of these there are none here, or they are found by the beginning of their id only
    ...Object.fromEntries(
      ["evals", "deployment", "volumes", "scaling_policy", "host_volumes"].map((name) => [
        name,
        () => ({ [name]: [] }),
      ]),
    ),
    ...Object.fromEntries(["plugins", "vars"].map((name) => [name, () => ({})])),
  };
  if (Context !== "all" && !Object.hasOwn(contexts, Context)) {
    const known = Object.keys(contexts).join(" ");
    throw serverError(`context must be one of [${known}] or 'all' for all contexts; got ${JSON.stringify(Context)}`);
  }
  const Matches: Record<string, Match[]> = {};
  const Truncations: Record<string, boolean> = {};
  for (const [name, find] of Object.entries(contexts)) {
    if (Context !== "all" && Context !== name) continue;
    Truncations[name] = false;
    for (const [kind, matches] of Object.entries(find())) {
      if (matches.length === 0 && !["evals", "deployment", "volumes", "scaling_policy", "host_volumes"].includes(kind))
        continue;
      Matches[kind] = ranked(matches, text).slice(0, MOST_LOOKED_AT);
      if (matches.length > MOST_LOOKED_AT) Truncations[name] = true;
    }
  }
  const index = store.index;
  return {
    json: { Index: index, KnownLeader: true, LastContact: 0, Matches, NextToken: "", Truncations },
    index,
    meta: true,
  };
}

/** Where in a name the text stands decides, then how long the name is. */
function ranked(matches: readonly Match[], text: string): Match[] {
  const at = ({ ID }: Match) => ID.toLowerCase().indexOf(text);
  return matches.toSorted((a, b) => at(a) - at(b) || a.ID.length - b.ID.length || (a.ID < b.ID ? -1 : 1));
}

/** Everything in a job that has a name, each with where it stands. */
function namesIn(job: Job): [kind: string, match: Match][] {
  const scope = [job.Namespace, job.ID];
  return [
    ["jobs", { ID: job.Name, Scope: scope }],
    ...(job.TaskGroups ?? []).flatMap((group): [string, Match][] => {
      const within = [...scope, group.Name];
      return [
        ["groups", { ID: group.Name, Scope: scope }],
        ...(group.Services ?? []).map(({ Name }): [string, Match] => ["services", { ID: Name, Scope: within }]),
        ...(group.Tasks ?? []).flatMap((task): [string, Match][] => {
          const config: { image?: unknown; command?: unknown } = task.Config ?? {};
          const inTask = [...within, task.Name];
          return [
            ["tasks", { ID: task.Name, Scope: within }],
            ...(typeof config.image === "string"
              ? [["images", { ID: config.image, Scope: inTask }] as [string, Match]]
              : []),
            ...(typeof config.command === "string"
              ? [["commands", { ID: config.command, Scope: inTask }] as [string, Match]]
              : []),
          ];
        }),
      ];
    }),
  ];
}
