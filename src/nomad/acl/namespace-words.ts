import { all } from "../../text/words.ts";

// What capabilities in a namespace let their holder do (acl/policy.go), in words.

/** What can be done to one kind of thing: each capability with its verb, in the order in which they are told. */
interface Deeds {
  readonly verbs: readonly (readonly [capability: string, verb: string])[];
  readonly thing: string;
}

const seen: readonly (readonly [capabilities: readonly string[], thing: string])[] = [
  [["read-job"], "jobs and their allocations"],
  [["csi-list-volume", "csi-read-volume"], "CSI volumes"],
  [["host-volume-read"], "host volumes"],
  [["read-job-scaling", "list-scaling-policies", "read-scaling-policy"], "scaling"],
];

/** What `submit-job` includes, and Nomad grants singly since 1.11.2. */
const partsOfSubmit = [
  ["register-job", "submit jobs"],
  ["plan-job", "plan jobs"],
  ["revert-job", "revert jobs"],
  ["deregister-job", "stop jobs"],
  ["purge-job", "purge jobs"],
  ["evaluate-job", "have jobs evaluated"],
  ["tag-job-version", "tag versions"],
  ["stable-job", "mark versions as stable"],
  ["promote-deployment", "promote deployments"],
  ["pause-deployment", "pause deployments"],
  ["fail-deployment", "fail deployments"],
  ["cancel-deployment", "cancel deployments"],
  ["unblock-deployment", "unblock deployments"],
  ["set-alloc-health-deployment", "call allocations healthy or not"],
  ["gc-allocation", "collect allocations"],
  ["pause-allocation", "pause allocations"],
  ["delete-service-registration", "delete services"],
] as const;

const deeds: readonly Deeds[] = [
  {
    verbs: [
      ["scale-job", "scale"],
      ["dispatch-job", "dispatch"],
      ["force-periodic-job", "launch periodic"],
    ],
    thing: "jobs",
  },
  {
    verbs: [
      ["read-logs", "logs"],
      ["read-fs", "files"],
    ],
    thing: "",
  },
  {
    verbs: [
      ["host-volume-create", "create"],
      ["host-volume-register", "register"],
      ["host-volume-delete", "delete"],
    ],
    thing: "host volumes",
  },
  {
    verbs: [
      ["csi-write-volume", "create, delete"],
      ["csi-mount-volume", "mount"],
    ],
    thing: "CSI volumes",
  },
];

/** What is in another one that stands beside it, or needs no words. */
const implied: Readonly<Record<string, readonly string[]>> = {
  "read-job": ["list-jobs", "parse-job"],
  "submit-job": [...partsOfSubmit.map(([capability]) => capability), "parse-job"],
  "dispatch-job": ["force-periodic-job"],
  // Nomad puts what it stands for beside it.
  "host-volume-create": ["host-volume-write"],
};

/** What a holder of the capabilities may do, as clauses behind "may": none where it is nothing. */
export function namespaceWords(capabilities: ReadonlySet<string>): string[] {
  const left = new Set(capabilities);
  for (const [one, others] of Object.entries(implied)) {
    if (capabilities.has(one)) for (const other of others) left.delete(other);
  }
  const take = (...names: readonly string[]) => names.filter((name) => left.delete(name)).length > 0;
  const sees = seen.filter(([names]) => take(...names)).map(([, thing]) => thing);
  return [
    ...(sees.length > 0 ? [`see ${all(sees)}`] : []),
    ...(take("list-jobs") ? ["list jobs, without what is in them"] : []),
    ...(take("submit-job") ? ["submit, change and stop jobs of any kind, and decide on deployments"] : []),
    ...partsOfSubmit.filter(([name]) => take(name)).map(([, words]) => words),
    ...deeds.flatMap(({ verbs, thing }) => {
      const taken = verbs.filter(([name]) => take(name)).map(([, verb]) => verb);
      if (taken.length === 0) return [];
      return [thing === "" ? `read ${all(taken)}` : `${all(taken)} ${thing}`];
    }),
    ...exec(take),
    ...(take("alloc-lifecycle") ? ["stop, restart and signal allocations"] : []),
    ...(take("csi-register-plugin") ? ["run CSI plugins"] : []),
    ...(take("sentinel-override") ? ["override Sentinel policies (Enterprise)"] : []),
    ...(take("submit-recommendation") ? ["send recommendations (Enterprise)"] : []),
    ...(take("parse-job") ? ["have job files parsed"] : []),
    ...[...left].toSorted(),
  ];
}

/** A driver without isolation wants both capabilities, of which the short form `write` has one (nomad-api.md §5.6). */
function exec(take: (...names: readonly string[]) => boolean): string[] {
  const [some, everywhere] = [take("alloc-exec"), take("alloc-node-exec")];
  if (!some) return everywhere ? ["nothing by alloc-node-exec, which needs alloc-exec"] : [];
  return [`run commands in allocations${everywhere ? "" : ", but not in those of raw_exec"}`];
}
