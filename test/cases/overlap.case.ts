import { type Case, mock, task } from "./case.ts";

const template = { EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/keys" }}{{ .k }}{{ end }}', DestPath: "local/x" };
const everyMinute = { Enabled: true, SpecType: "cron", Spec: "*/1 * * * *", ProhibitOverlap: true, TimeZone: "UTC" };

export const fault: Case = {
  about: "launches are skipped, since the last run of a periodic job hangs and overlap is prohibited",
  happens: [
    {
      submit: mock(
        {},
        { Tasks: [task("app", {}, { Templates: [template] })] },
        { Type: "batch", Periodic: everyMinute },
      ),
    },
    { pass: 200 },
  ],
  tool: "get_job_status",
  first:
    /waiting: launches are skipped \(next in \d+s\) as long as \S+\/periodic-\d+ has not ended \(prohibit_overlap\): starting, launched 2m\d*s? ago, cron.*\nWhy: run \S+\/periodic-\d+ has not got to run/,
  says: [/Next: get_job_status job_id=\S+\/periodic-\d+/],
  never: [/next launch in/],
  tokens: 230,
  requests: 12,
};
