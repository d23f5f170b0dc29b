import { renderSteps, type StepView } from "../../src/text/step.ts";

/** A session that offers no tool, or all of them. */
const view = (offers: boolean): StepView => ({
  offers: () => offers,
  namespace: "default",
  cluster: undefined,
  address: "http://nomad.test",
});

/** A value of ours with the steps in its texts as a session tells them that offers all tools, or none. */
export function rendered<T>(value: T, offers = false): T {
  if (typeof value === "string") return renderSteps(value, view(offers)) as T;
  if (Array.isArray(value)) return value.map((each) => rendered(each, offers)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, rendered(held, offers)])) as T;
}
