import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An audit log of this test's own, and the evaluations that its last line names. */
export function auditLog(): { readonly path: string; evaluations(): readonly string[] } {
  const directory = mkdtempSync(join(tmpdir(), "nomad-mcp-audit-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "audit.log");
  return {
    path,
    evaluations: () => JSON.parse(readFileSync(path, "utf8").trim().split("\n").at(-1) ?? "").evaluations,
  };
}
