import type { Page } from "../../../nomad-client.ts";

/** Some of what was found, the nearest first, and whether there is more. */
export interface Hits<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** Each once: what is called exactly so, then what begins so, then what holds it; the shorter name first. */
export function nearest<T>(
  pages: readonly (Page<T> | undefined)[],
  text: string,
  limit: number,
  name: (item: T) => string,
  id: (item: T) => string,
): Hits<T> {
  const known = new Map(pages.flatMap((page) => (page?.items ?? []).map((item) => [id(item), item] as const)));
  const at = (item: T) => {
    const found = name(item).toLowerCase().indexOf(text.toLowerCase());
    return found < 0 ? Number.MAX_SAFE_INTEGER : found;
  };
  const items = [...known.values()].toSorted(
    (one, other) => at(one) - at(other) || name(one).length - name(other).length || (name(one) < name(other) ? -1 : 1),
  );
  return { items: items.slice(0, limit), more: items.length > limit || pages.some((page) => page?.next !== undefined) };
}
