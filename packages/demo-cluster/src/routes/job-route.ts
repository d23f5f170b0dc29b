import type { Call, Reply } from "../http.ts";
import type { World } from "../world.ts";

/** What answers about one job. */
export type JobRoute = (world: World, call: Call, id: string) => Promise<Reply> | Reply;
