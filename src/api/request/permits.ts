/** True where a namespace may be touched; `*` is none. Without a list every one may. */
export function permits(allowed: readonly string[] | undefined, namespace: string): boolean {
  return allowed === undefined || allowed.includes(namespace);
}
