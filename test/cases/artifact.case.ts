import { noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted, task } from "./case.ts";

export const fault: Case = {
  about: "an artifact that cannot be fetched",
  happens: [
    {
      submit: mock(
        {},
        {
          ...restarted,
          ...noDeployment,
          Tasks: [task("server", {}, { Artifacts: [{ GetterSource: "http://127.0.0.1:1/app.tar.gz" }] })],
        },
      ),
    },
    { pass: 30 },
  ],
  real: true,
  first: /\nWhy: api\[0\] .*task server cannot fetch an artifact: .*127\.0\.0\.1:1.*connection refused/,
  says: [/server cannot fetch an artifact \(\d+\+? times/],
  never: [/exits with/],
  tokens: 350,
  requests: 16,
};
