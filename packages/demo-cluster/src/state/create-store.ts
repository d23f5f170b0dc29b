import type { Clock } from "../clock.ts";
import type { Chance } from "../ids.ts";
import { putter, settleStatuses } from "./put.ts";
import { emptyShelf } from "./shelf.ts";
import type { Change, Listener, Store, Table } from "./store.ts";

/** A store that knows nothing yet. */
export function createStore(clock: Clock, chance: Chance): Store {
  const listeners: Listener[] = [];
  let stampMs = 0;
  let stampSeq = 0;
  let index = 1;
  const tables: Record<Table, number> = {
    jobs: 0,
    job_summary: 0,
    evals: 0,
    allocs: 0,
    deployment: 0,
    nodes: 0,
    job_submission: 0,
    ...{ namespaces: 0, host_volumes: 0, task_volume: 0, variables: 0, node_pools: 0 },
    ...{ acl_policy: 0, acl_roles: 0, acl_token: 0, acl_auth_methods: 0, acl_binding_rules: 0 },
  };
  const store: Store = {
    clock,
    chance,
    tables,
    get index() {
      return index;
    },
    jobs: new Map(),
    versions: new Map(),
    submissions: new Map(),
    summaries: new Map(),
    evals: new Map(),
    allocs: new Map(),
    deployments: new Map(),
    nodes: new Map(),
    scheduler: {
      ...{ CreateIndex: 5, ModifyIndex: 5, SchedulerAlgorithm: "binpack", NodeLimitForFeasibilityChecks: 0 },
      ...{ MemoryOversubscriptionEnabled: false, PauseEvalBroker: false, RejectJobRegistration: false },
      PreemptionConfig: {
        ...{ BatchSchedulerEnabled: false, ServiceSchedulerEnabled: false },
        ...{ SysBatchSchedulerEnabled: false, SystemSchedulerEnabled: true },
      },
    },
    shelf: emptyShelf(),
    stamp() {
      const ms = clock.now();
      stampSeq = ms === stampMs ? stampSeq + 1 : 0;
      stampMs = ms;
      return Math.round(ms * 1000 + stampSeq) * 1000;
    },
    listen: (listener) => void listeners.push(listener),
    write(change) {
      index++;
      const entry = index;
      const changes: Change[] = [];
      const told: (() => void)[] = [];
      const put = putter(store, entry, changes, (tell) => told.push(() => listeners.forEach(tell)));
      change(put, entry);
      settleStatuses(store, put, changes);
      for (const tell of told) tell();
      for (const listener of listeners) listener.changed?.(changes);
      return entry;
    },
  };
  return store;
}
