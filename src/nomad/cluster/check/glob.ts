/** True where `pattern`, in which `*` is any text, fits all of `name` (ryanuber/go-glob, which Nomad uses). */
export function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - from >= last.length && name.endsWith(last);
}

/**
 * The key that counts for `name`: itself, else the pattern with the fewest characters that `*` stands for
 * (acl.go, findClosestMatchingGlob; of two that are as close Nomad's sort takes the later one).
 */
export function closest(keys: Iterable<string>, name: string): string | undefined {
  let best: { readonly key: string; readonly difference: number } | undefined;
  for (const key of [...keys].sort()) {
    if (key === name) return key;
    if (!key.includes("*") || !fits(key, name)) continue;
    const difference = name.length - key.length + (key.split("*").length - 1);
    if (best === undefined || difference <= best.difference) best = { key, difference };
  }
  return best?.key;
}
