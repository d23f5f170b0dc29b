import type { TaskGroup } from "../state/job-types.ts";

/** A struct of the schema as a client sent it: null is unset. */
export type Sent = Record<string, unknown>;

/** The first of the values that is set. */
export function either<T>(value: unknown, fallback: T): T {
  return value === null || value === undefined ? fallback : (value as T);
}

/** Nomad treats an empty list or map as unset. */
export function orNull<T>(value: unknown): T | null {
  if (value === null || value === undefined) return null;
  const empty = Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0;
  return empty ? null : (value as T);
}

/** Lays what is set over what is there. */
export function over<T extends object>(base: T, sent: unknown): T {
  const out = { ...base };
  for (const key of Object.keys(base) as (keyof T & string)[]) {
    const value = (sent as Sent | null)?.[key];
    if (value !== null && value !== undefined) out[key] = value as T[keyof T & string];
  }
  return out;
}

/** A port without what is zero, on the default network unless it names one. */
function port(sent: Sent) {
  const out: Sent = { Label: sent.Label };
  if (sent.Value) out.Value = sent.Value;
  if (sent.To) out.To = sent.To;
  out.HostNetwork = sent.HostNetwork || "default";
  if (sent.IgnoreCollision) out.IgnoreCollision = true;
  return out;
}

/** Networks as the server keeps them: only what is set. */
export function canonicalNetworks(list: unknown): TaskGroup["Networks"] {
  const networks = orNull<Sent[]>(list);
  if (!networks) return null;
  return networks.map((sent) => {
    const out: Sent = {};
    for (const key of ["Mode", "CIDR", "IP", "Hostname", "MBits", "DNS", "CNI"]) if (sent[key]) out[key] = sent[key];
    for (const key of ["DynamicPorts", "ReservedPorts"]) {
      const ports = orNull<Sent[]>(sent[key]);
      if (ports) out[key] = ports.map(port);
    }
    return out;
  });
}

/** Affinities weigh 50 unless they say otherwise. */
export function affinities(list: unknown): TaskGroup["Affinities"] {
  const sent = orNull<Sent[]>(list)?.map((one) => ({ ...one, Weight: either(one.Weight, 50) }));
  return (sent ?? null) as TaskGroup["Affinities"];
}
