import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { address, recordedNomad } from "../../../support/recorded.ts";
import { openSession } from "../../../support/session.ts";

const stopped = (bodies: unknown[], reply: () => Response) =>
  recordedNomad({
    job: "web",
    edit: ({ job }) => Object.assign(job, { Stop: true, Status: "dead", VersionTag: { Name: "v-one" } }),
    extra: [
      http.post(`${address}/v1/job/web`, async ({ request }) => {
        bodies.push(await request.json());
        return reply();
      }),
    ],
  });

test("everything that Nomad keeps of the job is written back, bound to its index and without its tag", async () => {
  const bodies: { Job: Record<string, unknown> }[] = [];
  const reply = { EvalID: "8a558079-33d0-ed11-5912-6f92a9da8c97", JobModifyIndex: 230, EvalCreateIndex: 230 };
  stopped(bodies, () => HttpResponse.json(reply));
  const session = await openSession({ address });
  const { text } = await session.call("start_job", { job_id: "web", wait_seconds: 0 });
  await session.close();
  const [body] = bodies;
  expect(body).toMatchObject({ EnforceIndex: true, JobModifyIndex: 13 });
  expect(body?.Job).toMatchObject({ ID: "web", Version: 0, Stop: false, VersionTag: null, CreateIndex: 13 });
  expect(body?.Job).toMatchObject({ Meta: { team: "shop" }, UI: null, ConsulNamespace: "" });
  expect(text).toMatchInlineSnapshot(
    `"web started again (namespace default); not followed: evaluation 8a558079; get_job_status job_id=web says how it ends"`,
  );
});

test("a job that somebody changed in between is left alone", async () => {
  const words = "Enforcing job modify index 13: job exists with conflicting job modify index: 99";
  stopped([], () => new HttpResponse(words, { status: 500 }));
  const session = await openSession({ address });
  const { text, isError } = await session.call("start_job", { job_id: "web" });
  await session.close();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"Somebody else changed web at this very moment. Nothing was started: call again."`,
  );
});
