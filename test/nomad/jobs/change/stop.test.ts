import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { address, recordedNomad } from "../../../support/recorded.ts";
import { openSession } from "../../../support/session.ts";

const evaluation = "0f71f831-916c-38d2-79f3-083d384fd256";

/** A stop that works, and then `purge`. */
function stopping(purge: () => Response, running: number) {
  recordedNomad({
    job: "web",
    edit({ job, summary }) {
      Object.assign(summary.Summary?.api ?? {}, { Running: running });
      // As the answer to the stop has it.
      job.JobModifyIndex = 300;
    },
    extra: [
      http.delete(`${address}/v1/job/web`, ({ request }) =>
        new URL(request.url).searchParams.get("purge") === "true"
          ? purge()
          : HttpResponse.json({ EvalID: evaluation, JobModifyIndex: 300, EvalCreateIndex: 300 }),
      ),
      http.get(`${address}/v1/evaluation/${evaluation}`, () => new HttpResponse("Permission denied", { status: 403 })),
    ],
  });
}

async function stop(args: Record<string, unknown>) {
  const session = await openSession({ address });
  const answer = await session.call("stop_job", { job_id: "web", ...args });
  await session.close();
  return answer;
}

test("a purge that is not allowed: that the job was stopped is told all the same", async () => {
  stopping(() => new HttpResponse("Permission denied", { status: 403 }), 0);
  const { text, isError } = await stop({ purge: true });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "web stopped (namespace default); nothing of it was running
    It is stopped, but was not purged: DELETE /v1/job/web failed: 403 Permission denied
    No token is set (NOMAD_TOKEN), and this needs one.
    The token needs the capability submit-job in namespace default:
      namespace "default" { capabilities = ["submit-job"] }
    From Nomad 1.11.2 on, purge-job is enough."
  `);
});

test("an end that cannot be followed: the same, and it is not purged", async () => {
  stopping(() => HttpResponse.error(), 3);
  const { text, isError } = await stop({ purge: true });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "web stopped (namespace default); what became of its 3 allocations is not known: GET /v1/evaluation/0f71f831-916c-38d2-79f3-083d384fd256 failed: 403 Permission denied
    No token is set (NOMAD_TOKEN), and this needs one.
    The token needs the capability read-job in namespace default:
      namespace "default" { capabilities = ["read-job"] }
    Not purged yet: that would hide whether they end.
    Next: stop_job job_id=web purge=true goes on"
  `);
});
