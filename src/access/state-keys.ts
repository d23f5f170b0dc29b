import { createHash } from "node:crypto";
import { readSettingFile, renewed, type Watching } from "../api/connect/renewed.ts";
import { Refusal } from "../api/errors/refusal.ts";

const shortest = 32;

/**
 * The keys that the replicas of a server share, from a file that is read again when it changes: a line each, the newest first.
 * A second line is the key before, which still holds while it is exchanged everywhere.
 *
 * @throws Refusal where the file cannot be read, or a key in it is too short.
 */
export function openStateKeys(file: string, setting: string, watching: Watching = {}): () => readonly Buffer[] {
  const read = () => {
    const lines = readSettingFile(setting, file)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
    if (lines.length === 0 || lines.length > 2 || lines.some((line) => line.length < shortest)) {
      throw new Refusal(
        `${setting}: ${file} must hold one line of ${shortest} characters or more, or two while the key is exchanged: openssl rand -base64 48 makes one.`,
      );
    }
    return lines.map((line) => createHash("sha256").update(line).digest());
  };
  return renewed(() => [file], read, watching).current;
}
