import { unseal } from "../text/sealed.ts";

/** The variables of an address, decoded. */
export type Variables = Readonly<Record<string, string>>;

/**
 * The variables of `uri` by a template such as `nomad://{cluster}/jobs/{namespace}/{job_id}`, where each stands for one
 * percent-encoded part of the path; undefined where the address is not of that form.
 */
export function matchUri(template: string, uri: string): Variables | undefined {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const pattern = template
    .split(/\{\w+\}/)
    .map((text) => text.replaceAll(/[.*+?^$()[\]\\|]/g, "\\$&"))
    .join("([^/?#]+)");
  const found = new RegExp(`^${pattern}$`).exec(uri);
  if (found === null) return undefined;
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? "")]));
  } catch {
    // A stray % encodes nothing.
    return undefined;
  }
}

/** The address with these variables, each encoded whole, so that an id may hold a `/`. */
export function fillUri(template: string, variables: Variables): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(unseal(variables[name] ?? "").toWellFormed()),
  );
}
