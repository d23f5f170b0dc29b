import type { ProgressNotification } from "@modelcontextprotocol/sdk/types.js";

/** Progress is shown to people: more often than this, in ms, nobody reads it. */
const progressEvery = 500;

/** Tells a host what is going on, where it asked to be told: `token` names the request of which it is. */
export function reporter(
  token: string | number | undefined,
  notify: (notification: ProgressNotification) => void,
): (message: string) => void {
  let progress = 0;
  let reported = 0;
  return (message) => {
    if (token === undefined || Date.now() - reported < progressEvery) return;
    reported = Date.now();
    notify({ method: "notifications/progress", params: { progressToken: token, progress: ++progress, message } });
  };
}
