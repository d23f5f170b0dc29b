import { HttpResponse, http, type RequestHandler } from "msw";
import { address, type RecordedState, recordedNomad, type Seen, type Served } from "./recorded.ts";

/** A recorded job as {@link recordedNomad} serves it, and each of its allocations as Nomad gives one alone. */
export function recordedAllocations({ edit, extra = [], ...served }: Served): { state: RecordedState; seen: Seen[] } {
  const held: RecordedState[] = [];
  const seen = recordedNomad({
    ...served,
    edit(state) {
      edit?.(state);
      held.push(state);
    },
    extra: [
      ...extra,
      http.get(`${address}/v1/allocation/:id`, ({ params }) => {
        const found = held[0]?.allocations.find(({ ID }) => ID === params.id);
        const before = held[0]?.allocations.find(({ NextAllocation }) => NextAllocation === params.id);
        if (found === undefined) return new HttpResponse("alloc not found", { status: 404 });
        // Alone it has the job, what it was given, and nothing that is empty (recorded/*/allocation.json).
        const {
          JobVersion: _,
          JobType: __,
          ...alone
        } = { ...found, Job: held[0]?.job, PreviousAllocation: before?.ID };
        return HttpResponse.json(Object.fromEntries(Object.entries(alone).filter(([, value]) => value !== "")), {
          headers: { Date: new Date(held[0]?.now ?? 0).toUTCString(), "X-Nomad-Index": String(found.ModifyIndex) },
        });
      }),
      http.get(`${address}/v1/client/fs/ls/:id`, () => HttpResponse.json([])),
    ],
  });
  const [state] = held;
  if (state === undefined) throw new Error("nothing was served");
  return { state, seen };
}

/** A log route that answers `text` with `status` for some allocations; the others go on to what was recorded. */
export function logRoute(ids: readonly string[], status: number, text: string): RequestHandler {
  return http.get(`${address}/v1/client/fs/logs/:id`, ({ params }) =>
    ids.includes(String(params.id)) ? new HttpResponse(text, { status }) : undefined,
  );
}
