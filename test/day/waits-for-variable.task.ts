import { mock, task as mockTask } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import { read, type Task } from "./task.ts";

const Templates = [
  { DestPath: "local/db", EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/day-reports" }}{{ .db_url }}{{ end }}' },
];

export const task: Task = {
  asked: "reports does not come up. What does it wait for? Mend it.",
  happens: [{ submit: mock({}, { ...noDeployment, Tasks: [mockTask("server", {}, { Templates })] }) }, { pass: 30 }],
  calls: [
    {
      tool: "diagnose_job",
      says: [
        /waits for a template.*nomad\/jobs\/day-reports/,
        /put_variable path=nomad\/jobs\/day-reports set=\{"db_url":/,
      ],
    },
    {
      tool: "put_variable",
      args: (_, [before]) => ({
        path: read(before, /put_variable path=(\S+)/),
        set: { [read(before, /set=\{"(\w+)":/)]: "postgres://db.internal/reports" },
      }),
      says: [/made, with db_url\n/, /1 allocation that waits for it starts by itself/],
      never: [/postgres/],
    },
  ],
  most: 3,
};
