import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import foldersOfRun, { testFolder } from "./folders.ts";
import { checkout, copyOf, folder } from "./library.ts";
import { libraryFolder } from "./session.ts";

afterEach(() => vi.unstubAllEnvs());

test("what a test leaves behind is gone when the run ends", () => {
  vi.stubEnv("TEST_FOLDERS", undefined);
  const end = foldersOfRun();
  const made = [folder().path, checkout().path, testFolder("readme"), copyOf(import.meta.dirname, "copy")];
  expect(made.filter((path) => existsSync(path))).toEqual(made);
  end();
  expect(made.filter((path) => existsSync(path))).toEqual([]);
});

test("the run that this test is in has such a folder, with the usual library in it", () => {
  expect(dirname(dirname(libraryFolder()))).toBe(process.env.TEST_FOLDERS);
  expect(existsSync(join(libraryFolder(), ".."))).toBe(true);
});
