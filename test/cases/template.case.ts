import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, task } from "./case.ts";

export const fault: Case = {
  about: "a template waits for a variable that nobody has written",
  happens: [
    {
      submit: mock(
        {},
        {
          ...noDeployment,
          Tasks: [
            task(
              "server",
              {},
              {
                Templates: [
                  {
                    DestPath: "local/db",
                    EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/shop" }}{{ .url }} {{ index . "api-key" }}{{ end }}',
                  },
                ],
              },
            ),
          ],
        },
      ),
    },
    { pass: 30 },
  ],
  real: true,
  first:
    /waiting: 0 of 1 running.*\nWhy: api\[0\] .*task server waits for a template: Missing: nomad\.var\.block\(nomad\/jobs\/shop@default\.global\)/,
  says: [
    /Next: .*put_variable path=nomad\/jobs\/shop set=\{"url":"\.\.\.","api-key":"\.\.\."\}; it then goes on by itself/,
  ],
  never: [/crash/, /nomad var put/],
  tokens: 260,
  requests: 16,
};
