import { HttpError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import type { Event, Frame } from "../state/event-buffer.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";

/** How often Nomad shows that a stream is alive (ms). */
const HEARTBEAT = 30_000;

/** GET /v1/event/stream: what the buffer holds, then what happens; one JSON object a line, `{}` for a heartbeat. */
export function eventStream({ store, events }: World, call: Call): Reply {
  only(call, "GET");
  const index = call.query.get("index") || "0";
  if (!/^[+-]?\d+$/.test(index))
    throw new HttpError(400, `Unable to parse index: strconv.Atoi: parsing ${JSON.stringify(index)}: invalid syntax`);
  const wanted = topics(call);
  const { namespace } = call;
  const fits = (event: Event) =>
    (namespace === "*" || event.Namespace === "" || event.Namespace === namespace) &&
    wanted.some(
      ({ topic, key }) =>
        (topic === "*" || topic === event.Topic) &&
        (key === "*" || key === event.Key || (event.FilterKeys ?? []).includes(key)),
    );
  // an index that the buffer has not reached begins with its newest entry
  const newest = events.frames.at(-1)?.Index ?? 0;
  const from = Math.min(Number(index), newest);
  return {
    type: "application/json",
    following: true,
    async stream(write, closed) {
      const send = ({ Index, Events }: Frame) => {
        const fitting = Events.filter(fits);
        if (fitting.length > 0) write(`${JSON.stringify({ Index, Events: fitting })}\n`);
      };
      write("{}\n");
      for (const frame of events.frames) if (frame.Index >= from) send(frame);
      const stop = events.listen(send);
      await new Promise<void>((done) => {
        const beat = () => {
          write("{}\n");
          timer = store.clock.after(HEARTBEAT, beat);
        };
        let timer = store.clock.after(HEARTBEAT, beat);
        const end = () => {
          timer.cancel();
          done();
        };
        if (closed.aborted) end();
        else closed.addEventListener("abort", end);
      });
      stop();
    },
  };
}

function topics({ query }: Call): { topic: string; key: string }[] {
  const asked = query.getAll("topic");
  if (asked.length === 0) return [{ topic: "*", key: "*" }];
  return asked.map((text) => {
    const [topic = "", key = "*", ...more] = text.split(":");
    if (more.length > 0) {
      const why = `Invalid key value pair for topic, topic: ${text}`;
      throw new HttpError(400, `Invalid topic query: error parsing topics: ${why}`);
    }
    return { topic, key };
  });
}
