import { mock, task as mockTask } from "../cases/case.ts";
import { noDeployment } from "../contract/support/jobs.ts";
import type { Task } from "./task.ts";

const path = "nomad/jobs/checkout";
const Templates = [{ DestPath: "local/db", EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .db_password }}{{ end }}` }];

export const task: Task = {
  asked: "Rotate db_password of api and touch nothing else. Who restarts?",
  // The demo begins with the variable, which has two keys.
  happens: [
    { submit: mock({}, { ...noDeployment, Count: 2, Tasks: [mockTask("server", {}, { Templates })] }) },
    { pass: 20 },
  ],
  seeded: true,
  calls: [
    {
      tool: "get_variable",
      args: () => ({ path }),
      says: [/2 keys \(db_password, db_user\)/, /Read by task server of \S+ \(change_mode restart\)/],
    },
    {
      tool: "put_variable",
      args: () => ({ path, set: { db_password: "made-up-new" } }),
      says: [/stored: changed db_password\nUntouched: db_user\n/, /restarts in 2 allocations/],
      never: [/made-up/],
    },
  ],
  most: 2,
};
