import { defineToolset } from "../context.ts";
import { checkConnection } from "./check-connection.ts";
import { findProblems } from "./find-problems.ts";
import { getEvents } from "./get-events.ts";
import { getServerHealth } from "./get-server-health.ts";
import { getTimeline } from "./get-timeline.ts";
import { searchNomad } from "./search-nomad.ts";

export const cluster = defineToolset({
  name: "cluster",
  description:
    "See the cluster as a whole: what is wrong, what happens, where something is, and what the token may do.",
  tools: [findProblems, getServerHealth, searchNomad, getTimeline, getEvents, checkConnection],
});
