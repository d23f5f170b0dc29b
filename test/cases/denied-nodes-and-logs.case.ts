import { failing, noDeployment } from "../contract/support/jobs.ts";
import { type Case, mock, restarted } from "./case.ts";

export const fault: Case = {
  about: "a token that may read jobs, and neither nodes nor logs",
  happens: [{ submit: mock(failing, { ...noDeployment, ...restarted }) }, { pass: 30 }],
  real: true,
  denied: [/^\/v1\/nodes?/, /^\/v1\/client\/fs/],
  first: /crash looping: .*\nWhy: api\[0\] .*task server exits with code 3/,
  says: [/\(its log: the token lacks read-logs\)/, /Not seen: the nodes \(the token lacks node read\)/],
  tokens: 300,
  requests: 16,
};
