/** undici is CommonJS: what it exports is the default export, as esbuild bundles it and as Node imports it. Loaded when first asked for. */
export async function loadUndici() {
  return (await import("undici")).default;
}

export type Undici = Awaited<ReturnType<typeof loadUndici>>;
