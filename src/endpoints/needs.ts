/** One thing that a request needs of its token. */
export type Need =
  /** `finer`: what is enough instead from Nomad 1.11.2 on. */
  | { readonly of: "namespace"; readonly capabilities: readonly string[]; readonly finer?: readonly string[] }
  | { readonly of: "variables"; readonly capability: "list" | "read" | "write" | "destroy" }
  | { readonly of: Scope; readonly policy: Level }
  | { readonly of: "management" };

type Scope = "node" | "agent" | "operator" | "plugin" | "node_pool";
type Level = "list" | "read" | "write";

// From the per-route checks of nomad/*_endpoint.go and command/agent/*_endpoint.go (Nomad 2.0.6-dev). Where any of
// several capabilities will do, the least one that every version since 1.6 knows.

/** A capability in the namespace that is touched. */
export const may = (capability: string, ...finer: string[]): Need => ({
  of: "namespace",
  capabilities: [capability],
  ...(finer.length > 0 && { finer }),
});
export const variables = (capability: "list" | "read" | "write" | "destroy"): Need => ({ of: "variables", capability });
export const policy = (of: Scope, level: Level): Need => ({ of, policy: level });
export const readJob = may("read-job");
export const nodeRead = policy("node", "read");
/** To run a command in a task; the second where the driver does not isolate it from its node, as raw_exec does not. */
export const execInTask: Need = { of: "namespace", capabilities: ["alloc-exec", "alloc-node-exec"] };
