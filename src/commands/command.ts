import type { ReadSettings } from "../settings/settings.ts";

/** A command gets the settings and the words behind its name, and gives its exit status. */
export type Command = (read: ReadSettings, words: readonly string[]) => Promise<number>;
