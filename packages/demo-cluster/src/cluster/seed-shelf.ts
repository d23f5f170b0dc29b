import { EMPTY_NAMESPACE, shelfKey } from "../state/shelf.ts";
import type { Store } from "../state/store.ts";

/** What is there before the nodes come: two namespaces and the pools that every cluster has, and, `withObjects`, more. */
export function addShelf(store: Store, withObjects: boolean): void {
  const now = store.stamp();
  store.write((put) => {
    const namespace = (Name: string, Description: string, Hash: string) =>
      put.shelve("namespaces", Name, { ...EMPTY_NAMESPACE, Name, Description, Hash });
    namespace("default", "Default shared namespace", "C7UbjDwBK0dK8wQq7Izg7SJIzaV+lIo2X7wRtzY3pSw=");
    namespace("prod", "production", "qY/gQ07S5jgoi/gvvOrZZi+SWiylH3SioT1QuScBcRw=");
    const pool = (Name: string, Description: string) => {
      const rest = { Hash: null, Meta: null, SchedulerConfiguration: null, NodeIdentityTTL: 86_400e9 };
      put.shelve("node_pools", Name, { ...rest, Name, Description, CreateIndex: 0, ModifyIndex: 0 });
    };
    pool("all", "Node pool with all nodes in the cluster.");
    pool("default", "Default node pool.");
    if (!withObjects) return;
    const variable = (Namespace: string, Path: string, Items: Record<string, string>) => {
      const times = { CreateTime: now, ModifyTime: now, CreateIndex: 0, ModifyIndex: 0 };
      put.shelve("variables", shelfKey(Namespace, Path), { ...times, Items, Namespace, Path });
    };
    variable("default", "nomad/jobs/checkout", { db_password: "made-up-4711", db_user: "checkout" });
    variable("default", "nomad/jobs/web", { banner: "summer sale", session_key: "made-up-0815" });
    variable("default", "shop/mail", { host: "mail.internal", password: "made-up-mail" });
    variable("prod", "nomad/jobs/billing", { api_key: "made-up-key", endpoint: "https://pay.example" });
  });
}
