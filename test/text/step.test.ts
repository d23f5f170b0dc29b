import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal, show } from "../../src/text/sealed.ts";
import { renderSteps, type StepView, stepText } from "../../src/text/step.ts";

const view = (offered: readonly string[], more: Partial<StepView> = {}): StepView => ({
  offers: (tool) => offered.includes(tool),
  ...{ namespace: "default", cluster: undefined, address: "https://nomad.test" },
  ...more,
});
const stop = stepText({ tool: ["stop_job", { job_id: "web" }], command: ["job stop", "web"], namespace: "prod" });

describe("a step in a sentence", () => {
  test.each<[view: StepView, words: string]>([
    [view(["stop_job"]), "stop_job job_id=web namespace=prod"],
    [view(["stop_job"], { namespace: "prod" }), "stop_job job_id=web"],
    [view(["stop_job"], { cluster: "eu" }), "stop_job job_id=web namespace=prod cluster=eu"],
    [view([]), "nomad job stop -namespace prod web"],
    [view([], { cluster: "eu" }), "nomad job stop -address https://nomad.test -namespace prod web"],
  ])("is told as the session can take it: %#", (session, words) => {
    expect(renderSteps(`Next: ${stop} ends it, or ${stop}`, session)).toBe(`Next: ${words} ends it, or ${words}`);
  });

  test("that is only told where a tool is offered, with a step in it", () => {
    const text = `a${stepText({ offered: "b", text: `; ${stop} too`, otherwise: "" })}.`;
    expect(renderSteps(text, view(["b"]))).toBe("a; nomad job stop -namespace prod web too.");
    expect(renderSteps(text, view([]))).toBe("a.");
  });

  test("cannot be brought in by others", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (name) => {
        const theirs = seal(name + stop + name);
        expect(renderSteps(theirs, view(["stop_job"]))).toBe(theirs);
        expect(show(renderSteps(theirs, view(["stop_job"])))).not.toContain("stop_job job_id=web namespace");
      }),
    );
  });
});
