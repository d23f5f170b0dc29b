/** Routes that not every Nomad in use has, and the version that brought each (nomad-api.md). */
const since: readonly (readonly [pattern: RegExp, version: string])[] = [
  [/^\/v1\/search\/fuzzy$/, "1.1.0"],
  [/^\/v1\/services?(\/|$)/, "1.3.0"],
  [/^\/v1\/vars?(\/|$)/, "1.4.0"],
  [/^\/v1\/client\/allocation\/[^/]+\/checks$/, "1.4.0"],
  [/^\/v1\/operator\/keyring\/keys$/, "1.4.0"],
  [/^\/v1\/acl\/roles$/, "1.4.0"],
  [/^\/v1\/acl\/(auth-methods|binding-rules?)(\/|$)/, "1.5.0"],
  [/^\/v1\/evaluations\/count$/, "1.5.0"],
  [/^\/v1\/acl\/login$/, "1.5.4"],
  [/^\/v1\/client\/metadata$/, "1.5.0"],
  [/^\/v1\/job\/[^/]+\/submission$/, "1.6.0"],
  [/^\/v1\/node\/pools?(\/|$)/, "1.6.0"],
  [/^\/v1\/job\/[^/]+\/actions?$/, "1.7.0"],
  [/^\/v1\/jobs\/statuses$/, "1.8.0"],
  [/^\/v1\/job\/[^/]+\/versions\/[^/]+\/tag$/, "1.9.0"],
  [/^\/v1\/job\/[^/]+\/dispatch\/payload$/, "1.10.0"],
  [/^\/v1\/volume\/host(\/|$)/, "1.10.0"],
  [/^\/v1\/volumes\/claims?(\/|$)/, "1.10.0"],
  [/^\/v1\/acl\/policy\/self$/, "1.10.2"],
  [/^\/v1\/agent\/monitor\/export$/, "1.10.4"],
  [/^\/v1\/client\/identity(\/|$)/, "1.11.0"],
  [/^\/v1\/agent\/reload$/, "2.0.3"],
];

/** The version of Nomad that brought a route, where it was not always there. `path` is encoded. */
export function sinceVersion(path: string): string | undefined {
  return since.find(([pattern]) => pattern.test(path))?.[1];
}
