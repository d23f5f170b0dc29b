import type { FailedRequest } from "../../../src/api/errors/errors.ts";
import { howToSee } from "./look-again.ts";
import { needsOf } from "./needs.ts";
import { acts } from "./reach.ts";
import { sinceVersion } from "./versions.ts";

/** A request as an error tells of it, known from its method and path alone. */
export function failedRequest(method: string, path: string, namespace = "default"): FailedRequest {
  const needs = needsOf(method, path);
  const shown = /`(.+)`/s.exec(howToSee(path, namespace))?.[1];
  const since = sinceVersion(path);
  return {
    address: "http://nomad.test:4646",
    ...{ method, path, namespace, since, shown, acts: acts(method, path) },
    ...(needs && { needs }),
  };
}
