import { describe, expect, test } from "vitest";
import { fillUri, matchUri } from "../../src/mcp/uri.ts";

const template = "nomad://{cluster}/jobs/{namespace}/{job_id}";

describe("an address", () => {
  test.each(["web", "report/dispatch-1795-ab12", "a b?c#d%e", "größe", "{job_id}", "a.b+c(d)"])(
    "brings back the id %j",
    (id) => {
      const variables = { cluster: "default", namespace: "prod", job_id: id };
      expect(matchUri(template, fillUri(template, variables))).toEqual(variables);
    },
  );

  test.each([
    "nomad://default/jobs/prod",
    "nomad://default/jobs/prod/",
    "nomad://default/jobs/prod/web/evaluations",
    "nomad://default/jobs/prod/web?version=1",
    "nomad://default/jobs/prod/%E0%A4%A",
    "https://default/jobs/prod/web",
    "xnomad://default/jobs/prod/web",
  ])("%s is none of this kind", (uri) => {
    expect(matchUri(template, uri)).toBeUndefined();
  });
});
