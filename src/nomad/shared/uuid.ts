/** True for a whole UUID in lower case. */
export function isFullId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** The digits of what may be the beginning of an id, dashes or not; undefined for what is none. */
export function digitsOf(id: string): string | undefined {
  const digits = id.toLowerCase().replaceAll("-", "");
  return /^[0-9a-f]{4,32}$/.test(digits) ? digits : undefined;
}

/** The digits that an id begins with as the `prefix` of a list: dashed, and of an even length, since Nomad takes no other. */
export function idPrefix(begun: string): string {
  return dashed(begun.slice(0, begun.length - (begun.length % 2)));
}

/** The digits of a UUID, or of its beginning, with the dashes between them. */
export function dashed(digits: string): string {
  const parts = [8, 12, 16, 20].map((end, index) => digits.slice([0, 8, 12, 16][index], end));
  return [...parts, digits.slice(20)].filter(Boolean).join("-");
}
